import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formats } from '@spikewire/exchange/formats';
import { type Hdf5Node, readHdf5, writeHdf5 } from '@spikewire/exchange/hdf5';
import { type CheckedReading, RandomGenerator, readWith } from '@spikewire/models';
import h5wasm, { Dataset, File, Group } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const nir = formats.find(({ name }) => name === 'nir')!;
const GOLDEN = fileURLToPath(new URL('data/nir-wild/', import.meta.url));
/** It has no numbers of 16 bits with a point, and no filter LZF. */
const UNKNOWN = ['dtypes-fixed-strings.nir', 'lzf-filter.nir'];
const files = readdirSync(GOLDEN).filter((name) => name.endsWith('.nir') && !UNKNOWN.includes(name));

let folder: string;
beforeAll(async () => {
  await h5wasm.ready;
  folder = mkdtempSync(join(tmpdir(), 'spikewire-h5wasm-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the HDF5 library, compiled to WebAssembly, finds in a file: the shape and values of each array by its path. */
function found(path: string): Record<string, unknown> {
  const file = new File(path, 'r');
  const arrays: Record<string, unknown> = {};
  const visit = (group: Group, prefix: string) => {
    for (const name of group.keys()) {
      const child = group.get(name);
      if (child instanceof Group) visit(child, `${prefix}${name}/`);
      if (child instanceof Dataset) arrays[`${prefix}${name}`] = [child.shape, ...numbersOf(child.value)];
    }
  };
  visit(file as unknown as Group, '');
  file.close();
  return arrays;
}

/** The same of a tree that was read here. */
function read(node: Hdf5Node, path = ''): Record<string, unknown> {
  if (node.kind === 'dataset') return { [path]: [node.shape, ...numbersOf(node.values)] };
  if (node.kind !== 'group') return {};
  const children = [...node.children].map(([name, child]) => read(child, path === '' ? name : `${path}/${name}`));
  return Object.assign({}, ...children);
}

/** Numbers and texts in a list; bits as numbers. */
function numbersOf(value: unknown): unknown[] {
  const list = ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value as ArrayLike<unknown>) : [value];
  return list.map((each) => (typeof each === 'string' ? each : Number(each)));
}

describe('h5wasm', () => {
  it.each(files)('finds in %s what is found here, and the same in the file that is written of it', (name) => {
    const tree = readHdf5(new Uint8Array(readFileSync(join(GOLDEN, name))));
    expect(found(join(GOLDEN, name))).toEqual(read(tree));
    expect(Object.keys(read(tree)).length).toBeGreaterThan(5);
    const again = join(folder, name);
    writeFileSync(again, writeHdf5(tree));
    expect(found(again)).toEqual(read(tree));
  });

  it('writes arrays in chunks, compressed, of every type, and they are read', () => {
    const random = new RandomGenerator(1, 'arrays');
    const path = join(folder, 'arrays.h5');
    const file = new File(path, 'w');
    const written: Record<string, unknown> = {};
    for (const dtype of ['<f', '<d', '<b', '<h', '<i', '<B', '<H', '<I']) {
      for (const options of [{}, { chunks: [3, 2] }, { chunks: [2, 5], compression: 6 }]) {
        const name = `${dtype}-${Object.keys(options).length}`;
        const values = Array.from({ length: 35 }, () => random.nextInteger(100));
        file.create_dataset({ name, data: values, shape: [7, 5], dtype, ...options } as never);
        written[name] = [[7, 5], ...values];
      }
    }
    file.create_group('texts').create_dataset({ name: 'variable', data: ['a', 'bc', 'dé', ''], shape: [2, 2] });
    file.create_dataset({ name: 'fixed', data: ['ab', 'c'], dtype: 'S4' });
    file.close();
    const tree = readHdf5(new Uint8Array(readFileSync(path)));
    expect(read(tree)).toEqual({
      ...written,
      'texts/variable': [[2, 2], 'a', 'bc', 'dé', ''],
      fixed: [[2], 'ab', 'c'],
    });
  });

  it('writes a net as NIR has it, which is read', () => {
    const path = join(folder, 'net.nir');
    const file = new File(path, 'w');
    file.create_dataset({ name: 'version', data: '1.0.7' });
    const node = file.create_group('node');
    node.create_dataset({ name: 'type', data: 'NIRGraph' });
    const nodes = node.create_group('nodes');
    const add = (name: string, type: string, arrays: Readonly<Record<string, readonly [number[], number[]]>>) => {
      const group = nodes.create_group(name);
      group.create_dataset({ name: 'type', data: type });
      for (const [key, [data, shape]] of Object.entries(arrays))
        group.create_dataset({
          name: key,
          data,
          shape,
          dtype: key === 'shape' ? '<q' : '<d',
          chunks: shape,
          compression: 4,
        } as never);
    };
    add('input', 'Input', { shape: [[2], [1]] });
    add('fc', 'Linear', {
      weight: [
        [1, 2, 3, 4, 5, 6],
        [3, 2],
      ],
    });
    const three = (value: number): [number[], number[]] => [[value, value, value], [3]];
    const lif = { tau: three(0.01), r: three(1), v_leak: three(0), v_threshold: three(1), v_reset: three(0) };
    add('lif', 'LIF', lif);
    add('output', 'Output', { shape: [[3], [1]] });
    node.create_dataset({ name: 'edges', data: ['input', 'fc', 'fc', 'lif', 'lif', 'output'], shape: [3, 2] });
    file.close();
    const { model, graph } = readWith(nir, new Uint8Array(readFileSync(path)), {}, {}) as CheckedReading;
    expect(graph.nodes.map(({ name, shape }) => [name, ...shape])).toEqual([
      ['input', 2],
      ['fc', 3],
      ['lif', 3],
      ['output', 3],
    ]);
    expect([...(model.graph.nodes.get('fc')!.parameters.weight as { data: Float64Array }).data]).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });
});
