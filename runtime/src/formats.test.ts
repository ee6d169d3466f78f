import { type Format, parseModel, readWith, writeModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { ImportModule } from './companion.ts';
import { allFormats, formatOfBytes, formatOfName } from './formats.ts';

const model = parseModel({
  nodes: { in: { type: 'Input', shape: [1] }, out: { type: 'Output' } },
  edges: [['in', 'out']],
});

/** Knows one model. */
const trivial: Format = {
  name: 'trivial',
  summary: 'a wire',
  extensions: ['.wire'],
  sniff: (bytes) => Buffer.from(bytes).toString().startsWith('wire'),
  read: () => ({ model, notes: ['has no time step'] }),
};

const installed: ImportModule = async (name) => {
  expect(name).toBe('@spikewire/exchange/formats');
  return { formats: [trivial] };
};
const absent: ImportModule = async () => {
  throw Object.assign(new Error("Cannot find package '@spikewire/exchange'"), { code: 'ERR_MODULE_NOT_FOUND' });
};
const unasked: ImportModule = async (name) => {
  throw new Error(`${name} was loaded`);
};
const text = Buffer.from('{"nodes":{},"edges":[]}');
const hdf5 = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

describe('formats', () => {
  it('of the runtime are there without any other package, and those of another stand behind them', async () => {
    expect((await allFormats(absent)).map(({ name }) => name)).toEqual(['spike', 'json']);
    expect((await allFormats(installed)).map(({ name }) => name)).toEqual(['spike', 'json', 'trivial']);
  });

  it('are told apart by what the bytes say; what is its own, a device reads without asking others', async () => {
    expect((await formatOfBytes(writeModel(model), unasked)).name).toBe('spike');
    expect((await formatOfBytes(text, unasked)).name).toBe('json');
    const found = await formatOfBytes(Buffer.from('wire'), installed);
    expect(readWith(found, Buffer.from('wire'))).toEqual({ model, notes: ['has no time step'] });
  });

  it('are named by the ending of a file that is to be written', async () => {
    expect((await formatOfName('out', 'x/M.SPIKE', unasked)).name).toBe('spike');
    expect((await formatOfName('out', 'm.wire', installed)).name).toBe('trivial');
  });

  it.each<[string, () => Promise<unknown>, string, string]>([
    [
      'bytes of none, with all packages',
      () => formatOfBytes(hdf5, installed),
      'file',
      'model: looks like HDF5, as NIR graphs are; expected one of spike, json, trivial',
    ],
    [
      'bytes of none, without the package that may know them',
      () => formatOfBytes(hdf5, absent),
      'file',
      'model: looks like HDF5, as NIR graphs are; expected one of spike, json; more with the file that npm run pack:trainer makes in the repository of spikewire',
    ],
    [
      'an ending of none',
      () => formatOfName('--out m.nir', 'm.nir', absent),
      'usage',
      '--out m.nir: has the ending ".nir", which is no known format; expected .spike, .json; more with the file that npm run pack:trainer makes in the repository of spikewire',
    ],
    [
      'no ending',
      () => formatOfName('--out m', 'm', installed),
      'usage',
      '--out m: has no ending; expected .spike, .json, .wire',
    ],
  ])('%s: one line says what is known', async (_what, find, code, message) => {
    await expect(find()).rejects.toMatchObject({ code, message });
  });
});
