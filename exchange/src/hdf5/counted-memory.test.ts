import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { ReadingMemory } from '../reading-memory.ts';
import { readHdf5 } from './read/read.ts';
import { readAll, withOneObject } from './read-all.test-data.ts';
import type { Hdf5Array, Hdf5Dataset, Hdf5Group, Hdf5Node } from './tree.ts';
import { writeHdf5 } from './write/write.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const FLOAT = { class: 'float', bytes: 4, order: 'little' } as const;
const TEXT = { class: 'string', characters: 'utf-8', length: 'variable', padding: 'null-terminated' } as const;
const scalar: Hdf5Array = { shape: [], type: FLOAT, values: Float64Array.of(1) };

function many<T>(count: number, value: T): Map<string, T> {
  return new Map(Array.from({ length: count }, (_, k) => [`n${k}`, value]));
}
const group = (children: ReadonlyMap<string, Hdf5Node>, attributes = new Map<string, Hdf5Array>()): Hdf5Group => ({
  kind: 'group',
  attributes,
  children,
});
const dataset = (array: Hdf5Array): Hdf5Dataset => ({ kind: 'dataset', attributes: new Map(), ...array });
const texts = Array.from({ length: 50_000 }, (_, k) => `text ${k}`);
const zeros: Hdf5Array = { shape: [1_000_000], type: FLOAT, values: new Float64Array(1_000_000) };

/** Of two bytes for each character in memory. */
const LONG = `脉${'x'.repeat(59_000)}`;
const LINKS = 300;

/** An empty group with an attribute of a long name, by many links. */
const longName = withOneObject(writeHdf5(group(many(LINKS, group(new Map(), new Map([[LONG, scalar]]))))));

/** The same with a soft link to as long a path in the place of the attribute. */
function longSoftLink(): Uint8Array {
  const bytes = new Uint8Array(longName);
  const [BEFORE_NAME, MESSAGE_HEAD, LINK, HAS_TYPE, SOFT, LINK_HEAD] = [9, 8, 6, 8, 1, 7];
  const path = Buffer.from(LONG);
  const content = Buffer.from(bytes).indexOf(path) - BEFORE_NAME;
  bytes[content - MESSAGE_HEAD] = LINK;
  bytes.set([1, HAS_TYPE, SOFT, 1, 0x6c, path.length & 255, path.length >> 8], content);
  bytes.set(path, content + LINK_HEAD);
  return bytes;
}

/** Of the process around it. */
const NOISE = 1e6;

const used = () => {
  // What was outside the heap goes with the second.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

it.each([
  ['groups', writeHdf5(group(many(10_000, group(new Map()))))],
  ['datasets', writeHdf5(group(many(10_000, dataset(scalar))))],
  ['attributes', writeHdf5(group(many(50, group(new Map(), many(200, scalar)))))],
  ['texts', writeHdf5(group(many(1, dataset({ shape: [50_000], type: TEXT, values: texts }))))],
  ['long attribute names', longName],
  ['long soft links', longSoftLink()],
  ['a chunk', writeHdf5(group(many(1, dataset(zeros))), { gzip: 9 })],
])('what is kept of a file is no more than was counted: %s', (_, bytes) => {
  const most = 2 ** 30;
  const memory = new ReadingMemory(most);
  const before = used();
  const tree = readHdf5(bytes, memory);
  readAll(tree);
  const kept = used() - before;
  expect(kept).toBeLessThan(most - memory.left + NOISE);
  expect(tree.children.size).toBeGreaterThan(0);
});
