import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

const ZOO = fileURLToPath(new URL('../../models/zoo/next-reading-1.spike', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-formats-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Numbers without their format, which a text does not keep. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as Float64Array)];
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, plain(member)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

describe('import and export', () => {
  it('bring a model into text and back, with nothing lost', async () => {
    const exported = await runCommand(['export', ZOO, '--out', 'm.json'], folder);
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(exported.stdout).toMatch(/^m\.json: \d+ bytes of json, from spike\n$/);
    const imported = await runCommand(['import', 'm.json', '--out', 'm.spike', '--json'], folder);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    const bytes = await readFile(join(folder, 'm.spike'));
    expect(JSON.parse(imported.stdout)).toEqual({
      out: 'm.spike',
      from: 'json',
      to: 'spike',
      fileBytes: bytes.length,
      notes: [],
    });
    const [before, after] = [readModel(await readFile(ZOO)), readModel(bytes)];
    expect(before.quantization!.neurons.size).toBeGreaterThan(0);
    expect(plain(after)).toEqual(plain(before));
    expect(await readdir(folder)).toEqual(['m.json', 'm.spike']);
  });

  it.each([
    ['export', ['export', ZOO]],
    ['import', ['import', ZOO]],
    ['new', ['new', 'anomaly', '--channels', 'level']],
  ])('replace no file that they are not told to replace: %s', async (_, words) => {
    await writeFile(join(folder, 'm.spike'), 'mine');
    const asked = [...words, '--out', 'm.spike'];
    const line = 'spikewire: m.spike: already exists; expected another --out, or --overwrite\n';
    expect(await runCommand(asked, folder)).toMatchObject({ code: 1, stdout: '', stderr: line });
    expect(await readFile(join(folder, 'm.spike'), 'utf8')).toBe('mine');
    expect(await runCommand([...asked, '--overwrite'], folder)).toMatchObject({ code: 0, stderr: '' });
    expect(readModel(await readFile(join(folder, 'm.spike'))).channels).toHaveLength(1);
  });

  it.each([
    [['export', ZOO], 2, 'spikewire export: --out is missing; expected a file for the model'],
    [['export', ZOO, '--out', 'm'], 2, /^spikewire export --out m: has no extension; expected \.spike, \.json/],
    [['import', 'none.json', '--out', 'm.spike'], 1, 'spikewire: none.json: does not exist; expected a model file'],
    [
      ['import', 'x.nir', '--out', 'm.spike'],
      1,
      /^spikewire: x\.nir: superblock: has a part that ends within a field; expected an undamaged HDF5 file/,
    ],
    [['inspect', 'x.nir'], 1, /^spikewire: x\.nir: superblock: /],
    [['export', ZOO, '--out', 'none/m.json'], 1, /^spikewire: none\/m\.json: is in a folder that does not exist/],
  ])('%j says in one line what is wrong, and writes nothing', async (words, code, line) => {
    await writeFile(join(folder, 'x.nir'), Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'));
    const ended = await runCommand(words, folder);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr.trimEnd()).toMatch(line);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['x.nir']);
  });

  it('list the formats that this machine knows', async () => {
    const help = async (command: string) => (await runCommand([command, '--help'], folder)).stdout;
    const written = await help('export');
    expect(written).toMatch(/^Formats of --out:\n\n {2}\.spike +\S.*\n {2}\.json +\S/m);
    expect(written).toMatch(/^ {2}\.h +\S/m);
    expect(written).toMatch(/^ {2}\.onnx +\S/m);
    const read = await help('import');
    expect(read).toMatch(/^Formats of <model>:\n\n {2}\.spike +\S/m);
    expect(read).toMatch(/^ {2}\.onnx +\S/m);
    expect(read).not.toMatch(/^ {2}\.h /m);
  });
});

describe('a package with a format that is read later', () => {
  /** `spikewire import x.wire` beside a package whose format reads by this function. */
  async function importBeside(read: string) {
    await mkdir(join(folder, 'wires'));
    const brings = { name: 'wires', version: '1.0.0', type: 'module', spikewire: { formats: './index.js' } };
    await writeFile(join(folder, 'wires/package.json'), JSON.stringify(brings));
    const models = fileURLToPath(new URL('../../models/dist/index.js', import.meta.url));
    const module = `import { readFile } from 'node:fs/promises';
      import { readModel } from ${JSON.stringify(models)};
      export const formats = [{
        name: 'wire', summary: 'names a model', extensions: ['.wire'],
        sniff: (bytes) => Buffer.from(bytes).toString().startsWith('wire'), read: ${read},
      }];`;
    await writeFile(join(folder, 'wires/index.js'), module);
    await writeFile(join(folder, 'x.wire'), `wire ${ZOO}`);
    const words = ['import', 'x.wire', '--out', 'm.spike', '--json'];
    return runCommand(words, folder, { SPIKEWIRE_PACKAGES: './wires' });
  }

  it('is imported', async () => {
    const { code, stdout, stderr } = await importBeside(`async (bytes) => {
      const path = Buffer.from(bytes).toString().slice('wire '.length);
      return { model: readModel(await readFile(path)), notes: ['says a model by its name'] };
    }`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'x.wire: says a model by its name\n' });
    expect(JSON.parse(stdout)).toMatchObject({ from: 'wire', notes: ['says a model by its name'] });
    expect(await readFile(join(folder, 'm.spike'))).toEqual(await readFile(ZOO));
  });

  it.each([
    ['async () => { throw new TypeError("no wire\\n here"); }', 'read failed (no wire)'],
    ['async () => "a wire"', 'what read gave is "a wire"; expected an object with model and notes'],
  ])('is one line where it is broken: %s', async (read, problem) => {
    const line = `spikewire: x.wire: wires: format "wire": ${problem}\n`;
    expect(await importBeside(read)).toEqual({ code: 1, stdout: '', stderr: line });
    expect(await readdir(folder)).not.toContain('m.spike');
  });
});
