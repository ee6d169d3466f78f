import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { type Hdf5Node, readHdf5, writeHdf5 } from '@spikewire/exchange/hdf5';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putSums, sealedFile } from '../fuzz/hdf5-mutations.mjs';
import { readAll } from '../fuzz/hdf5-values.mjs';
import { needsRecorded, readGolden } from './data.ts';
import { asHdf5, type PlainArray, type PlainGroup, type PlainNode, plain, runningH5py } from './h5py/h5py.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-hdf5-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const h5pyFor = runningH5py();

const integer = (bits: number, isSigned: boolean) => {
  const [low, high] = isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return fc.oneof(
    fc.integer({ min: Math.max(low, -1000), max: Math.min(high, 1000) }),
    fc.constantFrom(...[low, high].map((edge) => Math.sign(edge) * Math.min(Math.abs(edge), Number.MAX_SAFE_INTEGER))),
  );
};
const special = fc.constantFrom<number | string>('nan', 'inf', '-inf', 0);
const float = (mantissaBits: number) =>
  fc.oneof(
    special,
    fc.double({ min: -60_000, max: 60_000, noNaN: true }).map((value) => {
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - mantissaBits);
      const rounded = Math.abs(value) < 2 ** -14 ? 0 : Math.trunc(value / unit) * unit;
      return rounded + 0;
    }),
  );
const visible = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\0', '0'));
const ascii = fc.string({ unit: fc.constantFrom(...'aZ09 .-_~"\\'), maxLength: 12 }).map((text) => text.trimEnd());

const kinds: readonly [string, fc.Arbitrary<number | string>][] = [
  ...['<', '>'].flatMap((order): [string, fc.Arbitrary<number | string>][] => [
    [`${order}f2`, float(10)],
    [`${order}f4`, float(23)],
    [
      `${order}f8`,
      fc.oneof(
        special,
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      ),
    ],
    ...[16, 32, 64].flatMap((bits): [string, fc.Arbitrary<number>][] => [
      [`${order}i${bits / 8}`, integer(bits, true)],
      [`${order}u${bits / 8}`, integer(bits, false)],
    ]),
  ]),
  ['|i1', integer(8, true)],
  ['|u1', integer(8, false)],
  ['bool', fc.nat(1)],
  ['utf-8', visible],
  ['ascii', ascii],
  ['utf-8:40', ascii],
  ['ascii:12', ascii],
];
/** What is written here beside what is read. */
const writable = kinds.filter(([name]) => !name.endsWith('f2'));

const name = fc
  .oneof(fc.constantFrom('0', '10', 'lif1.lif', '__proto__', 'a b', 'ü', '脉冲', 'nodes'), visible, ascii)
  .map((text) => text.replaceAll('/', '|'))
  .filter((text) => !['', '.', '..'].includes(text));

function arrayOf(of: typeof kinds): fc.Arbitrary<PlainArray> {
  return fc.tuple(fc.constantFrom(...of), fc.array(fc.nat(5), { maxLength: 3 })).chain(([[type, value], shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return fc.array(value, { minLength: count, maxLength: count }).map((values) => ({ shape, type, values }));
  });
}

const compression = fc.constantFrom({}, { compression: 'gzip' }, { compression: 'lzf' });
const options = fc.record({ chunks: fc.boolean(), shuffle: fc.boolean(), fletcher32: fc.boolean(), grows: fc.nat(7) });

/** Chunks of random sizes and filters where the array can have them. */
const storage = (array: PlainArray, chunkSizes: readonly number[]) =>
  fc.tuple(options, compression).map(([{ chunks, grows, ...filters }, compressed]) => {
    const isText = !/[<>|b]/.test(array.type[0]!);
    const isVariable = isText && !array.type.includes(':');
    if (array.shape.length === 0 || array.values.length === 0 || !chunks) return {};
    const maxshape = array.shape.map((size, k) => ((grows >> k) & 1 ? null : size + (grows > 4 ? 3 : 0)));
    const chunk = array.shape.map((size, k) => Math.min(size, chunkSizes[k]!));
    return { chunks: chunk, maxshape, ...compressed, ...filters, ...(isVariable ? { fletcher32: false } : {}) };
  });

function dictionary<T>(of: fc.Arbitrary<T>, maxKeys: number): fc.Arbitrary<Record<string, T>> {
  return fc.dictionary(name, of, { maxKeys, noNullPrototype: false });
}

function tree(of: typeof kinds, withOptions: boolean): fc.Arbitrary<PlainGroup> {
  const array = arrayOf(of);
  const attributes = fc.oneof({ weight: 4, arbitrary: dictionary(array, 3) }, dictionary(array, 20));
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 });
  const dataset = fc.tuple(array, attributes, sizes).chain(([content, own, chunk]) =>
    (withOptions ? storage(content, chunk) : fc.constant({})).map((stored) => ({
      kind: 'dataset' as const,
      ...content,
      attributes: own,
      options: stored,
    })),
  );
  const { group } = fc.letrec<{ group: PlainGroup; node: PlainNode }>((tie) => ({
    node: fc.oneof({ maxDepth: 3, depthIdentifier: 'tree' }, dataset, tie('group')),
    group: fc.record({
      kind: fc.constant('group' as const),
      track_order: fc.boolean(),
      attributes,
      children: fc.oneof({ weight: 4, arbitrary: dictionary(tie('node'), 4) }, dictionary(tie('node'), 30)),
    }),
  }));
  return group;
}

/** Without what only says how it was written. */
function content(node: PlainNode): PlainNode {
  if (node.kind === 'other') return node;
  if (node.kind === 'dataset') {
    const { kind, shape, type, values, attributes } = node;
    return { kind, shape, type, values, attributes };
  }
  const children = Object.fromEntries(Object.entries(node.children).map(([key, child]) => [key, content(child)]));
  return { kind: 'group', attributes: node.attributes, children };
}

const VERSIONS = ['earliest', 'v108', 'v110', 'v112', 'v114', 'latest'];

describe('random trees', () => {
  it.for(VERSIONS)('that h5py wrote are read, of the library version %s', async (version, context) => {
    const h5py = h5pyFor(context);
    const path = join(folder, `${version}.h5`);
    await fc.assert(
      fc.asyncProperty(tree(kinds, true), fc.constantFrom(0, 512, 2048), async (written, userblock) => {
        await h5py.write(path, written, { libver: [version, version === 'earliest' ? 'latest' : version], userblock });
        expect(content(plain(readHdf5(readFileSync(path))))).toEqual(content(written));
      }),
      { numRuns: 40 },
    );
  });

  it.for([{}, { gzip: 4 }])('that are written with %o are read by h5py, and here', async (given, context) => {
    const h5py = h5pyFor(context);
    const path = join(folder, 'own.h5');
    await fc.assert(
      fc.asyncProperty(tree(writable, false), async (wanted) => {
        const bytes = writeHdf5(asHdf5(wanted), given);
        expect(writeHdf5(asHdf5(wanted), given)).toEqual(bytes);
        expect(content(plain(readHdf5(bytes)))).toEqual(content(wanted));
        writeFileSync(path, bytes);
        expect(content(await h5py.list(path))).toEqual(content(wanted));
      }),
      { numRuns: 30 },
    );
  });
});

it('all names of a group whose tree has several levels are listed by h5py', async (context) => {
  const path = join(folder, 'names.h5');
  const children = Object.fromEntries(
    Array.from({ length: 9000 }, (_, k) => [`n${k}`, { kind: 'dataset', shape: [], type: '|u1', values: [k % 256] }]),
  );
  const tree = { kind: 'group', attributes: {}, children } as unknown as PlainGroup;
  for (const node of Object.values(children)) Object.assign(node, { attributes: {} });
  writeFileSync(path, writeHdf5(asHdf5(tree)));
  expectSame(await h5pyFor(context).list(path), tree, 'listed');
});

const CASES = [
  ...[
    'many_chunks',
    'sparse_chunks',
    'far_chunks',
    'shrunk',
    'early',
    'compact',
    'many_links',
    'many_attributes',
    'padded_texts',
  ],
  ...['long_texts', 'links', 'named_types', 'enumerations', 'empty', 'reordered', 'large_attributes'],
];

/** Chunks have new indexes since 1.10; before 1.8, large attributes are not possible. */
const VERSIONS_OF: readonly (readonly [string, readonly string[]])[] = [
  ['far_chunks', ['latest']],
  ['many_chunks', ['earliest', 'latest']],
  ['sparse_chunks', ['earliest', 'latest']],
  ['large_attributes', ['v108', 'latest']],
  ['', ['earliest', 'v108', 'latest']],
];

describe('files with what is rare', () => {
  it.for(CASES)('%s', async (name, context) => {
    const h5py = h5pyFor(context);
    const path = join(folder, `${name}.h5`);
    const versions = VERSIONS_OF.find(([start]) => name.startsWith(start))![1];
    for (const version of versions) {
      const listed = await h5py.case(name, path, [version, version === 'earliest' ? 'latest' : version]);
      expectSame(content(plain(readHdf5(readFileSync(path)))), listed, version);
    }
  });
});

describe('files with narrow addresses and lengths', () => {
  /** The library does not read its own arrays without limit in lengths of 4 bytes. */
  const GROWING = ['many_chunks', 'sparse_chunks', 'far_chunks', 'shrunk', 'sample'];
  const NARROW = [...CASES, 'sample'].flatMap((name): [string, [number, number]][] => [
    [name, [4, 8]],
    ...(GROWING.includes(name)
      ? []
      : ([
          [name, [4, 4]],
          [name, [8, 4]],
        ] as [string, [number, number]][])),
  ]);

  it.for(NARROW)('%s in %o bytes', async ([name, widths], context) => {
    const h5py = h5pyFor(context);
    const path = join(folder, `${name}-${widths.join('-')}.h5`);
    const versions = VERSIONS_OF.find(([start]) => name.startsWith(start))![1];
    for (const version of versions) {
      const listed = await h5py.case(name, path, [version, version === 'earliest' ? 'latest' : version], widths);
      expectSame(content(plain(readHdf5(readFileSync(path)))), listed, version);
    }
  });
});

/** Vitest compares long arrays slowly. */
function expectSame(read: PlainNode, listed: PlainNode, of: string): void {
  if (!isDeepStrictEqual(read, listed)) expect(read, of).toEqual(listed);
}

describe('samples', () => {
  const wanted = readGolden('hdf5/tree.json');

  it.each(['earliest', 'v108', 'latest'])('are read as h5py read them: %s', (version) => {
    const read = readHdf5(readFileSync(new URL(`data/hdf5/${version}.h5`, import.meta.url)));
    expect(content(plain(read))).toEqual(wanted);
  });
});

describe('a sample with a wrong byte', () => {
  const sample = new Uint8Array(readFileSync(new URL('data/hdf5/latest.h5', import.meta.url)));
  const { seals } = sealedFile(sample);
  const refusal = (at: number) => {
    const bytes = new Uint8Array(sample);
    bytes[at]! ^= 0x10;
    try {
      readAll(readHdf5(bytes));
    } catch (error) {
      return (error as Error).message;
    }
    return 'is read';
  };

  it('is refused where the byte is in a part with a checksum', () => {
    expect(seals.length).toBeGreaterThan(50);
    const reasons = seals.flatMap(({ start, end }) => [start + 6, (start + end) >> 1, end - 1].map(refusal));
    expect(reasons.filter((reason) => reason === 'is read')).toEqual([]);
    expect(reasons.filter((reason) => reason.includes('has a part whose checksum is wrong')).length).toBeGreaterThan(
      reasons.length / 2,
    );
  });

  it('is refused where the byte is in a chunk with a checksum', () => {
    // Compressed, which begins like this, and behind it the checksum of the chunk.
    const chunk = Buffer.from(sample).indexOf(Uint8Array.of(0x78, 0x5e));
    expect(refusal(chunk + 5)).toMatch(/^object "\/\w+ packed": has a chunk whose checksum is wrong; expected/);
  });
});

describe('a sample that was changed, with right checksums', () => {
  const sample = new Uint8Array(readFileSync(new URL('data/hdf5/latest.h5', import.meta.url)));
  const long = (value: number | undefined) =>
    new Uint8Array(BigUint64Array.of(value === undefined ? 2n ** 64n - 1n : BigInt(value)).buffer);

  /** Each byte at `at` places behind `what`, the first one or all. */
  function changed(what: Uint8Array | RegExp, at: number, put: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(sample);
    const text = Buffer.from(sample).toString('latin1');
    const pattern = what instanceof RegExp ? what : Buffer.from(what).toString('latin1');
    const starts =
      typeof pattern === 'string' ? [text.indexOf(pattern)] : [...text.matchAll(pattern)].map((m) => m.index);
    expect(Math.min(...starts)).toBeGreaterThan(0);
    for (const start of starts) bytes.set(put, start + at);
    putSums(bytes, sealedFile(sample).seals);
    return bytes;
  }
  const refusal = (bytes: Uint8Array) => {
    try {
      readAll(readHdf5(bytes));
    } catch (error) {
      return error;
    }
    return 'is read';
  };

  it('has layouts of version 5, where they are those of version 4', () => {
    // Type and size, flags, version, contiguous or in chunks.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the bytes of a file
    const layouts = changed(/\x08[\x11-\x1d]\0\0\x04[\x01\x02]/gs, 4, Uint8Array.of(5));
    const [before, after] = [readHdf5(sample), readHdf5(layouts)];
    // Sizes of compressed chunks are wider in version 5.
    const plainOnes = [...before.children].filter(([name, { kind }]) => kind === 'dataset' && !/packed|lzf/.test(name));
    expect(plainOnes.length).toBeGreaterThan(9);
    for (const [name, node] of plainOnes) expect(plain(after.children.get(name)!), name).toEqual(plain(node));
  });

  it.each([
    ['fixed plain', [6, 3]],
    ['growing plain', [undefined, 3]],
  ])('has an index that does not suit a second dimension without limit: %s', (name, maximum) => {
    const shapes = Buffer.concat([4, 3, ...maximum].map(long));
    expect(refusal(changed(shapes, 24, long(undefined)))).toMatchObject({
      code: 'file',
      message: `object "/${name}": has an index that does not suit its shape; expected an undamaged HDF5 file`,
    });
  });

  it('has attributes in a heap that objects share, which are not read', () => {
    const [record, ID, IS_SHARED] = [Buffer.from('BTLF\0\x08'), 8, 2];
    expect(refusal(changed(record, record.length + ID, Uint8Array.of(IS_SHARED)))).toMatchObject({
      code: 'unsupported',
      message: 'object "/many attributes": has attributes in a shared heap; expected attributes of its own',
    });
  });
});

describe('nets that others exported', () => {
  it.for(['nir', 'nir-wild', 'nir-paper'])('list what h5py lists: %s', async (name, context) => {
    const h5py = h5pyFor(context);
    const own = fileURLToPath(new URL(`data/${name}`, import.meta.url));
    const place = name === 'nir-paper' ? needsRecorded(context, name) : own;
    const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.nir'));
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const path = join(place, file);
      expect(content(plain(readHdf5(readFileSync(path)))), file).toEqual(content(await h5py.list(path)));
    }
  });

  it('list what h5py lists: lava-dl', async (context) => {
    const h5py = h5pyFor(context);
    const packed = join(needsRecorded(context, 'lava-dl-gts'), 'oxford/Trained/network.net.gz');
    const path = join(folder, 'network.net');
    writeFileSync(path, gunzipSync(readFileSync(packed)));
    expect(content(plain(readHdf5(readFileSync(path))))).toEqual(content(await h5py.list(path)));
  });
});

/** Each with the reason that its values are not read. */
const REFUSED: readonly [string, RegExp][] = [
  ['scaleoffset', /^object "\/scaleoffset": uses the HDF5 filter 6 \(scaleoffset\); expected gzip/],
  ['compound', /^object "\/compound": has elements that are a compound; expected numbers or texts$/],
  ['list', /that are a list;/],
  ['reference', /that are a reference;/],
  ['opaque', /that are opaque bytes;/],
  ['array', /that are an array;/],
  ['large', /^object "\/large": has the number 9007199254740993; expected whole numbers that float64 holds exactly$/],
  ['extended', /that are a float of \d+ bits that is not an IEEE 754 format;/],
  ['external', /^object "\/external": has its elements in other files; expected elements of its own$/],
  ['virtual', /^object "\/virtual": has its elements in other datasets; expected elements of its own$/],
];

it('what is not read is named, and nothing else of the file suffers', async (context) => {
  const path = join(folder, 'refused.h5');
  await h5pyFor(context)
    .case('refused', path, ['earliest', 'latest'])
    .catch(() => undefined);
  const { children, attributes } = readHdf5(readFileSync(path));
  expect([...children.keys()].toSorted()).toEqual(REFUSED.map(([name]) => name).toSorted());
  for (const [name, reason] of REFUSED) expect(() => valuesOf(children.get(name)!), name).toThrow(reason);
  expect(() => attributes.get('compound')!.values).toThrow(
    /^attribute "compound" of object "\/": has elements that are a compound;/,
  );
});

function valuesOf(node: Hdf5Node): unknown {
  return node.kind === 'dataset' ? node.values : undefined;
}
