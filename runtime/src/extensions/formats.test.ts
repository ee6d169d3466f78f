import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseModel, readWith, resolveGraph, writeModel } from '@spikewire/models';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { allFormats, formatOfBytes, formatOfName } from './formats.ts';
import { bringing, Installation } from './installation.test-data.ts';
import type { ExtensionPlaces } from './packages.ts';

const wire = { nodes: { in: { type: 'Input', shape: [1] }, out: { type: 'Output' } }, edges: [['in', 'out']] };
const model = parseModel(wire);
const graph = resolveGraph(model.graph, model.semantics);
const models = pathToFileURL(createRequire(import.meta.url).resolve('@spikewire/models')).href;
const imports = `import { parseModel } from '${models}';\n`;

/** Knows one model. */
const trivial = `[{
  name: 'trivial',
  summary: 'a wire',
  extensions: ['.wire'],
  sniff: (bytes) => Buffer.from(bytes).toString().startsWith('wire'),
  read: () => ({ model: parseModel(${JSON.stringify(wire)}), notes: ['has no time step'] }),
}]`;
const failing = `[{
  name: 'failing', summary: 'fails', extensions: ['.fail'],
  sniff: (bytes) => { if (bytes[0] !== 0) throw new TypeError('no byte 0'); return true; },
  read: () => { throw new RangeError('no data'); },
}]`;

const made: Installation[] = [];
let [installed, absent, unasked, failed]: ExtensionPlaces[] = [];
beforeAll(() => {
  const place = (packages: Parameters<Installation['install']>[1]) => {
    const installation = new Installation();
    made.push(installation);
    installation.install(installation.home, packages);
    return installation.places;
  };
  const bringsTrivial = bringing('formats', 'formats', trivial, imports);
  installed = place({ '@spikewire/exchange': bringsTrivial });
  unasked = place({ '@spikewire/exchange': bringsTrivial });
  absent = place({});
  failed = place({ a: bringing('formats', 'formats', failing), b: bringsTrivial });
});
afterAll(() => {
  for (const each of made) each.remove();
});

afterEach(() => {
  vi.useRealTimers();
});

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
    expect(existsSync(join(unasked!.home!, 'node_modules/@spikewire/exchange/loaded'))).toBe(false);
    const found = await formatOfBytes(Buffer.from('wire'), installed);
    expect(await readWith(found, Buffer.from('wire'))).toEqual({ model, graph, notes: ['has no time step'] });
  });

  it('are named by the ending of a file that is to be written', async () => {
    expect((await formatOfName('out', 'x/M.SPIKE', unasked)).name).toBe('spike');
    expect((await formatOfName('out', 'm.wire', installed)).name).toBe('trivial');
  });

  it('that fail by mistake keep nobody from the others, and name their package', async () => {
    expect((await formatOfBytes(Buffer.from('wire'), failed)).name).toBe('trivial');
    await expect(formatOfBytes(hdf5, failed)).rejects.toMatchObject({
      code: 'file',
      message: expect.stringMatching(
        /one of the formats spike, json, failing, trivial; .*; not usable: a: format "failing": sniff failed/,
      ),
    });
    const format = await formatOfBytes(new Uint8Array(1), failed);
    const read = async () => readWith(format, new Uint8Array(1));
    await expect(read).rejects.toThrow(/^a: format "failing": read failed \(no data\)$/);
  });

  /** A format of a package whose `read` is this text. */
  async function reading(read: string, signal?: AbortSignal) {
    const installation = new Installation();
    made.push(installation);
    const later = trivial.replace(/read: .*,\n/, () => `read: ${read},\n`);
    installation.install(installation.home, { a: bringing('formats', 'formats', later, imports) });
    const format = await formatOfBytes(Buffer.from('wire'), installation.places);
    return readWith(format, Buffer.from('wire'), { bytes: 1e6 }, {}, signal);
  }

  it('read now or later', async () => {
    const later = 'await new Promise((read) => setTimeout(read)), ';
    const whole = `parseModel(${JSON.stringify(wire)})`;
    for (const first of ['', later]) {
      const read = `async (_, ends, bytes) => (${first}{ model: ${whole}, notes: [JSON.stringify({ ends, bytes })] })`;
      expect(await reading(read)).toEqual({ model, graph, notes: ['{"ends":{},"bytes":1000000}'] });
    }
    expect(await reading(`() => ({ then: (give) => give({ model: ${whole}, notes: [] }) })`)).toEqual({
      model,
      graph,
      notes: [],
    });
  });

  it.each([
    ['() => Promise.reject(new RangeError("no data\\n  at"))', 'read failed (no data)'],
    ['async () => { throw undefined; }', 'read failed (undefined)'],
    ['() => undefined', 'what read gave is missing; expected an object with model and notes'],
    ['async () => []', 'what read gave is a list; expected an object with model and notes'],
    ['async () => ({ notes: [] })', 'model of what read gave is missing; expected a model, as parseModel gives it'],
    ['async () => ({ model: 7, notes: [] })', 'model of what read gave is 7; expected a model, as parseModel gives it'],
    ['async () => ({ model: {} })', 'notes of what read gave is missing; expected an array of texts'],
    ['async () => ({ model: {}, notes: [1] })', 'notes of what read gave is a list; expected an array of texts'],
  ])('say in one line what %s gives', async (read, problem) => {
    const line = `a: format "trivial": ${problem}`;
    await expect(reading(read)).rejects.toMatchObject({ code: 'unsupported', message: line });
  });

  it('have a minute to read, and are told when nobody waits any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const told = '{ const path = new URL("./told", import.meta.url); writeFileSync(path, signal.reason.message); }';
    const never = `(_, __, ___, signal) => new Promise(() => signal.addEventListener('abort', () => ${told}))`;
    const line = 'a: format "trivial": read takes more than 60 s; expected a model or an error';
    const waiting = expect(reading(never)).rejects.toMatchObject({ code: 'unsupported', message: line });
    await vi.waitUntil(() => vi.getTimerCount() > 0, { timeout: 20_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    await waiting;
    expect(readFileSync(join(made.at(-1)!.home, 'node_modules/a/told'), 'utf8')).toBe(line);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('give up at once where nobody waits any more', async () => {
    const line = 'a: format "trivial": read was stopped';
    const stopping = new AbortController();
    const waiting = expect(reading('() => new Promise(() => {})', stopping.signal)).rejects.toThrow(line);
    setTimeout(() => stopping.abort(), 10);
    await waiting;
    await expect(reading('() => new Promise(() => {})', stopping.signal)).rejects.toThrow(line);
  });

  it('of packages are checked as a whole when they are read later, too', async () => {
    const apart =
      `{ ...parseModel(${JSON.stringify(wire)}), graph: { nodes: new Map(), edges: [{ source: 'in', target: 'out', ` +
      'delay: 0 }] } }';
    const problem = { code: 'graph', message: expect.stringMatching(/"in"/) };
    await expect(reading(`async () => ({ model: ${apart}, notes: [] })`)).rejects.toMatchObject(problem);
  });

  it('claim nothing with a promise', async () => {
    const installation = new Installation();
    made.push(installation);
    const promising = trivial.replace('sniff: (bytes)', 'sniff: async (bytes)');
    installation.install(installation.home, { a: bringing('formats', 'formats', promising, imports) });
    await expect(formatOfBytes(hdf5, installation.places)).rejects.toThrow(
      /expected a file in one of the formats spike, json, trivial/,
    );
  });

  it('have endings that are texts', async () => {
    const installation = new Installation();
    made.push(installation);
    const nested = trivial.replace("['.wire']", "[['.spike']]");
    installation.install(installation.home, { a: bringing('formats', 'formats', nested, imports) });
    expect((await allFormats(installation.places)).map(({ name }) => name)).toEqual(['spike', 'json']);
  });

  it.each<[string, () => Promise<unknown>, string, string]>([
    [
      'bytes of none, with all packages',
      () => formatOfBytes(hdf5, installed),
      'file',
      'model: is not a model file; it looks like HDF5, as NIR graphs are; expected a file in one of the formats ' +
        'spike, json, trivial',
    ],
    [
      'bytes of none, without the package that may know them',
      () => formatOfBytes(hdf5, absent),
      'file',
      'model: is not a model file; it looks like HDF5, as NIR graphs are; expected a file in one of the formats ' +
        'spike, json; more with the file that npm run pack:trainer makes in the source code of spikewire',
    ],
    [
      'an ending of none',
      () => formatOfName('--out m.nir', 'm.nir', absent),
      'usage',
      '--out m.nir: has the extension ".nir", which is not a known format; expected .spike, .json; more with the ' +
        'file that npm run pack:trainer makes in the source code of spikewire',
    ],
    [
      'no ending',
      () => formatOfName('--out m', 'm', installed),
      'usage',
      '--out m: has no extension; expected .spike, .json',
    ],
  ])('%s: one line says what is known', async (_what, find, code, message) => {
    await expect(find()).rejects.toMatchObject({ code, message });
  });
});
