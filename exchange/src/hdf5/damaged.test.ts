import { SpikewireError } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { ReadingMemory } from '../reading-memory.ts';
import { readHdf5 } from './read/read.ts';
import { readAll, withOneObject } from './read-all.test-data.ts';
import type { Hdf5Array, Hdf5Dataset, Hdf5Group, Hdf5Node } from './tree.ts';
import { writeHdf5 } from './write/write.ts';

const FLOAT = { class: 'float', bytes: 8, order: 'little' } as const;
const LONG = { class: 'integer', bytes: 8, signed: true, order: 'little' } as const;
const TEXT = { class: 'string', characters: 'utf-8', length: 'variable', padding: 'null-terminated' } as const;
const MEGABYTE = 2 ** 20;

const group = (children: Record<string, Hdf5Node>): Hdf5Group => ({
  kind: 'group',
  attributes: new Map(),
  children: new Map(Object.entries(children)),
});
const dataset = (array: Hdf5Array): Hdf5Dataset => ({ kind: 'dataset', attributes: new Map(), ...array });
const floats = (...values: number[]) =>
  dataset({ shape: [values.length], type: FLOAT, values: Float64Array.from(values) });

function errorOf(bytes: Uint8Array, most = MEGABYTE): SpikewireError {
  try {
    readAll(readHdf5(bytes, new ReadingMemory(most, 'a smaller file')));
  } catch (error) {
    expect(error).toBeInstanceOf(SpikewireError);
    return error as SpikewireError;
  }
  throw new Error('is read');
}

/** A place in the bytes of a file, the last of several; `by` bytes behind what is looked for. */
function placeOf(bytes: Uint8Array, what: string | Uint8Array, by = 0): number {
  const at = Buffer.from(bytes).lastIndexOf(Buffer.from(what as string));
  expect(at).toBeGreaterThanOrEqual(0);
  return at + by;
}

const long = (value: number) => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);

function changed(bytes: Uint8Array, at: number, ...values: readonly (number | Uint8Array)[]): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy.set(
    values.flatMap((value) => (typeof value === 'number' ? [value] : [...value])),
    at,
  );
  return copy;
}

/** The address of the root group's object header stands in the superblock. */
const ROOT_AT = 64;
const rootOf = (bytes: Uint8Array) => Number(new DataView(bytes.buffer).getBigUint64(ROOT_AT, true));

describe('a damaged file', () => {
  const net = writeHdf5(
    group({ a: group({ b: floats(1, 2, 3) }), t: dataset({ shape: [], type: TEXT, values: ['LIF'] }) }),
  );

  it('is read where it is whole', () => {
    expect(() => readAll(readHdf5(net))).not.toThrow();
  });

  it.each([
    ['nothing', new Uint8Array(0), 'superblock: is not there; expected an HDF5 file'],
    ['a text', new TextEncoder().encode('{"nodes":[]}'), 'superblock: is not there; expected an HDF5 file'],
    ['version 9', changed(net, 8, 9), 'superblock: has version 9 of the superblock; expected 0, 1, 2, 3'],
    [
      'addresses of 3 bytes',
      changed(net, 13, 3),
      'superblock: has addresses of 3 and lengths of 8 bytes; expected 2, 4 or 8',
    ],
    [
      'a root beyond the end',
      changed(net, ROOT_AT, long(2 ** 40)),
      /^object "\/": has a part of 1 bytes at byte 1099511627776 of a file/,
    ],
    ['a root at no group', changed(net, ROOT_AT, long(0)), /^object "\/": has no signature "OHDR"/],
    [
      'no B-tree',
      changed(net, placeOf(net, 'TREE'), 0),
      'object "/": has no signature "TREE" at its place; expected an undamaged HDF5 file',
    ],
    ['no heap of texts', changed(net, placeOf(net, 'GCOL'), 0), /^object "\/t": has no signature "GCOL"/],
    [
      'a name that is not UTF-8',
      changed(net, placeOf(net, 'b\0\0\0'), 0xff),
      'object "/a": has a text that is not UTF-8; expected UTF-8 or ASCII',
    ],
  ])('is refused in a line: %s', (_, bytes, message) => {
    expect(errorOf(bytes).message).toMatch(message);
  });

  it('is refused wherever it is cut', () => {
    for (let end = 0; end < net.length; end++) {
      const { code, where } = errorOf(net.subarray(0, end));
      expect(code).toBe('file');
      expect(where).toMatch(/^(superblock|object "\/.*")$/);
    }
  });
});

describe('a file that goes in circles', () => {
  it('has a group that is in itself', () => {
    const bytes = writeHdf5(group({ a: group({ b: group({}) }) }));
    // The entry of "b" names the root: its offset in the heap is 8.
    const entry = Buffer.from(bytes).indexOf('SNOD') + 8;
    const looped = changed(bytes, entry + 8, long(rootOf(bytes)));
    expect(errorOf(looped)).toMatchObject({
      code: 'unsupported',
      message: 'object "/a/b": is a group that contains itself; expected groups without a cycle',
    });
  });

  it('has a node of a B-tree that is its own child', () => {
    const names = Object.fromEntries(Array.from({ length: 300 }, (_, k) => [`n${k}`, floats(k)]));
    const bytes = writeHdf5(group(names));
    const root = placeOf(bytes, 'TREE');
    expect(bytes[root + 5]).toBe(1);
    const itself = changed(bytes, root + 24 + 8, long(root));
    expect(errorOf(itself).message).toMatch(
      /^object "\/": has the part at byte \d+ twice; expected an undamaged HDF5 file$/,
    );
    const second = changed(bytes, root + 24 + 8, bytes.slice(root + 24 + 24, root + 24 + 32));
    expect(errorOf(second).message).toMatch(/^object "\/": has the (part at byte \d+|name "n\d+") twice;/);
  });

  it('has more groups within groups than any net', () => {
    let tree = group({});
    for (let depth = 0; depth < 300; depth++) tree = group({ g: tree });
    expect(errorOf(writeHdf5(tree), 2 ** 30)).toMatchObject({ code: 'budget' });
  });

  it('shares groups so that there are more paths than memory', () => {
    // Each of 60 levels names the next twice: 2⁶⁰ paths.
    let tree = group({});
    for (let depth = 0; depth < 60; depth++) tree = group({ a: tree, b: group({}) });
    const bytes = new Uint8Array(writeHdf5(tree));
    const view = new DataView(bytes.buffer);
    for (let at = Buffer.from(bytes).indexOf('SNOD'); at >= 0; at = Buffer.from(bytes).indexOf('SNOD', at + 1)) {
      if (view.getUint16(at + 6, true) === 2)
        view.setBigUint64(at + 8 + 40 + 8, view.getBigUint64(at + 8 + 8, true), true);
    }
    expect(errorOf(bytes, 16 * MEGABYTE)).toMatchObject({ code: 'budget' });
  });
});

describe('a file that claims more than it has', () => {
  it('has a dataset larger than the file, or than memory', () => {
    const bytes = writeHdf5(group({ w: floats(1, 2, 3) }));
    const size = placeOf(bytes, new Uint8Array([1, 1, 0, 0, 0, 0, 0, 0, 3]), 8);
    expect(errorOf(changed(bytes, size, long(100_000))).message).toMatch(/^object "\/w": has a part of 800000 bytes/);
    expect(errorOf(changed(bytes, size, long(2 ** 50))).message).toBe(
      'object "/w": takes more than 1.05 MB to read; expected a smaller file',
    );
  });

  it('has a chunk that would decompress to more than it may', () => {
    const zeros = dataset({ shape: [500_000], type: FLOAT, values: new Float64Array(500_000) });
    const bytes = writeHdf5(group({ w: zeros }), { gzip: 9 });
    expect(bytes.length).toBeLessThan(20_000);
    expect(errorOf(bytes, 2 * MEGABYTE)).toMatchObject({ code: 'budget', where: 'object "/w"' });
    // The shape says 2, and so does the chunk.
    const few = [...bytes.keys()].filter(
      (at) => Buffer.from(bytes).readUInt32LE(Math.min(at, bytes.length - 4)) === 500_000,
    );
    const small = few.reduce((all, at) => changed(all, at, 2, 0, 0, 0), bytes);
    expect(errorOf(small)).toMatchObject({
      code: 'file',
      message: expect.stringMatching(/does not decompress to \d+ bytes/),
    });
  });

  it('has texts that all are one long text', () => {
    const texts = Array.from({ length: 200 }, (_, k) => (k === 0 ? 'x'.repeat(60_000) : 'x'));
    const bytes = writeHdf5(group({ t: dataset({ shape: [200], type: TEXT, values: texts }) }));
    const element = Buffer.alloc(4);
    element.writeUInt32LE(60_000);
    const first = placeOf(bytes, element);
    const copies = texts.reduce((all, _, k) => changed(all, first + 16 * k, bytes.slice(first, first + 16)), bytes);
    expect(errorOf(copies, 4 * MEGABYTE)).toMatchObject({ code: 'budget', where: 'object "/t"' });
  });
});

describe('a file that makes much work of few bytes', () => {
  const BYTE = { class: 'integer', bytes: 1, signed: false, order: 'little' } as const;
  const byte = (value: number) => dataset({ shape: [], type: BYTE, values: Uint8Array.of(value) });
  const word = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);

  /** Bytes in chunks of one, each stored as `packed`, from the place `first` on. */
  function inChunks(count: number, packed: Uint8Array, chunks: number, first: number, names = ['w']): Uint8Array {
    const array = dataset({ shape: [count], type: BYTE, values: new Uint8Array(count) });
    const bytes = writeHdf5(group(Object.fromEntries(names.map((name) => [name, array]))), { gzip: 1 });
    const entry = (k: number) => [word(packed.length), word(0), long(first + k), long(0), long(bytes.length)];
    const head = [Buffer.from('TREE'), Uint8Array.of(1, 0, chunks & 255, chunks >> 8), new Uint8Array(16).fill(255)];
    const tree = [...head, ...Array.from({ length: chunks }, (_, k) => entry(k)).flat()];
    const sizes = Buffer.from(bytes).indexOf(Buffer.concat([word(count), word(1)]));
    const chunked = changed(bytes, sizes - 8, long(bytes.length + packed.length), word(1));
    return withOneObject(Buffer.concat([chunked, packed, ...tree]));
  }

  it('has a large object header that many links lead to', () => {
    const names = Array.from({ length: 300 }, (_, k) => `n${k}`);
    const large = new Map([['w', floats(...new Float64Array(8000))]]);
    const objects = names.map((name) => [name, { ...byte(1), attributes: large }] as const);
    const bytes = withOneObject(writeHdf5(group(Object.fromEntries(objects))));
    expect(() => readHdf5(bytes, new ReadingMemory(8 * MEGABYTE))).toThrow('takes more than 8.39 MB to read');
  });

  it('has a long stream of empty blocks that is each of many chunks', () => {
    const empty = Uint8Array.of(0, 0, 0, 0xff, 0xff);
    const blocks = Array.from({ length: 20_000 }, () => empty);
    const last = Uint8Array.of(1, 1, 0, 0xfe, 0xff, 0, 0, 1, 0, 1);
    const packed = Buffer.concat([Uint8Array.of(0x78, 1), ...blocks, last]);
    const few = readHdf5(inChunks(1000, packed, 3, 0)).children.get('w') as Hdf5Dataset;
    expect(few.values).toEqual(new Uint8Array(1000));
    expect(errorOf(inChunks(1000, packed, 1000, 0), 16 * MEGABYTE)).toMatchObject({ code: 'budget' });
  });

  it('has many chunks beyond the array', () => {
    const names = Array.from({ length: 8 }, (_, k) => `n${k}`);
    const bytes = inChunks(1000, Uint8Array.of(0), 60_000, 1000, names);
    expect(errorOf(bytes, 64 * MEGABYTE)).toMatchObject({ code: 'budget', where: expect.stringMatching(/^object/) });
  });

  it('has more filters than the library takes', () => {
    const bytes = writeHdf5(group({ w: floats(1, 2, 3) }), { gzip: 1 });
    expect(errorOf(changed(bytes, placeOf(bytes, 'deflate', -15), 33)).message).toBe(
      'object "/w": has 33 filters; expected at most 32',
    );
  });
});

describe('whole numbers', () => {
  it('are exact or refused', () => {
    const read = (values: bigint[]) => {
      const bytes = writeHdf5(group({ n: dataset({ shape: [1], type: LONG, values: Float64Array.of(77) }) }));
      const at = placeOf(bytes, long(77));
      const { children } = readHdf5(changed(bytes, at, new Uint8Array(BigInt64Array.from(values).buffer)));
      return (children.get('n') as Hdf5Dataset).values;
    };
    expect(read([-(2n ** 53n)])).toEqual(Float64Array.of(-(2 ** 53)));
    expect(read([2n ** 60n])).toEqual(Float64Array.of(2 ** 60));
    expect(() => read([2n ** 53n + 1n])).toThrow('object "/n": has the number 9007199254740993; expected');
  });
});

describe('what cannot be written', () => {
  const bad: readonly [string, Hdf5Group, string][] = [
    [
      'a name with a slash',
      group({ 'a/b': floats(1) }),
      'object "/": has a part with the name "a/b"; expected a name without "/" and zero bytes',
    ],
    [
      'a shape that does not match the values',
      group({ w: dataset({ shape: [2], type: FLOAT, values: [] as string[] }) }),
      'object "/w": has 0 elements; expected 2, as its shape says',
    ],
    [
      'a number beyond its type',
      group({ w: dataset({ shape: [1], type: { ...LONG, bytes: 1 }, values: Float64Array.of(200) }) }),
      'object "/w": has the number 200; expected a whole number of 8 bits with sign',
    ],
    [
      'float16',
      group({ w: dataset({ shape: [1], type: { ...FLOAT, bytes: 2 }, values: Float64Array.of(1) }) }),
      'object "/w": has elements that are float16; expected numbers or texts',
    ],
    [
      'a text with a zero byte',
      group({ t: dataset({ shape: [1], type: TEXT, values: ['a\0'] }) }),
      'object "/t": has a text with a zero byte or half a character; expected plain text',
    ],
    [
      'more dimensions than the library reads',
      group({ w: dataset({ shape: new Array(33).fill(1), type: FLOAT, values: Float64Array.of(1) }) }),
      'object "/w": has 33 dimensions; expected at most 32',
    ],
    [
      'sizes below 0',
      group({ w: dataset({ shape: [-1, -1], type: FLOAT, values: Float64Array.of(1) }) }),
      'object "/w": has the size -1; expected whole numbers from 0',
    ],
    [
      'texts of no bytes',
      group({ t: dataset({ shape: [1], type: { ...TEXT, length: 0 }, values: [''] }) }),
      'object "/t": has texts of 0 bytes; expected 1 to 4294967295',
    ],
    [
      'a text that ends in the space that fills it',
      group({ t: dataset({ shape: [1], type: { ...TEXT, length: 4, padding: 'space' }, values: ['a '] }) }),
      'object "/t": has a text that ends like its padding; expected texts that end in no space',
    ],
    [
      'a large attribute',
      { ...group({}), attributes: new Map([['w', floats(...new Float64Array(9000))]]) },
      'object "/": has an attribute of 72047 bytes; expected at most 65528, or a dataset',
    ],
  ];

  it('more attributes than a header has room for', () => {
    const attributes = new Map(Array.from({ length: 65_535 }, (_, k) => [`a${k}`, floats(k)]));
    expect(() => writeHdf5({ ...group({}), attributes })).toThrow(
      'object "/": has 65536 messages; expected at most 65535, of which each attribute is one',
    );
  });

  it.each(bad)('%s', (_, tree, message) => {
    expect(() => writeHdf5(tree)).toThrow(message);
  });
});
