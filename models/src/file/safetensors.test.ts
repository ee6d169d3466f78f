import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpikewireError } from '../error.ts';
import type { Tensor, TensorData } from '../tensor.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** The file that a header and bytes make, by the format's public description. */
function file(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const encoded = new TextEncoder().encode(text);
  const payload = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + encoded.length + payload.length);
  new DataView(bytes.buffer).setUint32(0, encoded.length, true);
  bytes.set(encoded, 8);
  bytes.set(payload, 8 + encoded.length);
  return bytes;
}

/** A second reader, naive and short: every element through DataView. */
function readNaively(bytes: Uint8Array): { header: Record<string, unknown>; values: Record<string, number[]> } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8'));
  const readers: Record<string, [number, (at: number) => number]> = {
    F64: [8, (at) => view.getFloat64(at, true)],
    F32: [4, (at) => view.getFloat32(at, true)],
    I32: [4, (at) => view.getInt32(at, true)],
    I16: [2, (at) => view.getInt16(at, true)],
    I8: [1, (at) => view.getInt8(at)],
    U32: [4, (at) => view.getUint32(at, true)],
    U16: [2, (at) => view.getUint16(at, true)],
    U8: [1, (at) => view.getUint8(at)],
  };
  const values: Record<string, number[]> = {};
  for (const [name, entry] of Object.entries<{ dtype: string; shape: number[]; data_offsets: [number, number] }>(
    header,
  )) {
    if (name === '__metadata__') continue;
    const [width, read] = readers[entry.dtype]!;
    values[name] = [];
    for (let at = entry.data_offsets[0]; at < entry.data_offsets[1]; at += width)
      values[name].push(read(8 + length + at));
  }
  return { header, values };
}

const one: Tensor = { shape: [2], data: Float32Array.of(1, -2.5) };

function refusal(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(SpikewireError);
    expect((error as SpikewireError).code).toBe('file');
    return (error as SpikewireError).message;
  }
  throw new Error('was accepted');
}

const data: fc.Arbitrary<TensorData> = fc.oneof(
  fc.float64Array({ noNaN: true, noDefaultInfinity: true }),
  fc.float32Array({ noNaN: true, noDefaultInfinity: true }),
  fc.int32Array(),
  fc.int16Array(),
  fc.int8Array(),
  fc.uint32Array(),
  fc.uint16Array(),
  fc.uint8Array(),
);
const tensors = fc
  .array(fc.tuple(fc.string({ unit: 'grapheme' }), data))
  .map(
    (entries) =>
      new Map(
        entries
          .filter(([name]) => name !== '__metadata__')
          .map(([name, values]): [string, Tensor] => [name, { shape: [values.length], data: values }]),
      ),
  );

describe('writeSafetensors', () => {
  it('writes what the public description says: length, JSON, tensors side by side', () => {
    const written = writeSafetensors(
      new Map<string, Tensor>([
        ['b', { shape: [3], data: Int8Array.of(-1, 2, 3) }],
        ['a', { shape: [2, 1], data: Int16Array.of(256, -2) }],
        ['c', { shape: [], data: Float64Array.of(0.1) }],
      ]),
      { format: 'x', 'quote"': 'line\nend' },
    );
    const { header, values } = readNaively(written);
    expect(header).toEqual({
      __metadata__: { format: 'x', 'quote"': 'line\nend' },
      c: { dtype: 'F64', shape: [], data_offsets: [0, 8] },
      a: { dtype: 'I16', shape: [2, 1], data_offsets: [8, 12] },
      b: { dtype: 'I8', shape: [3], data_offsets: [12, 15] },
    });
    expect(Object.keys(header)).toEqual(['__metadata__', 'c', 'a', 'b']);
    expect(values).toEqual({ c: [0.1], a: [256, -2], b: [-1, 2, 3] });
    const headerLength = new DataView(written.buffer).getUint32(0, true);
    expect(headerLength % 8).toBe(0);
    expect(written.length).toBe(8 + headerLength + 15);
  });

  it('gives back bit by bit what was written, whatever the alignment of the bytes', () => {
    fc.assert(
      fc.property(
        tensors,
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
        fc.nat(7),
        (map, metadata, shift) => {
          const written = writeSafetensors(map, metadata);
          const shifted = new Uint8Array(written.length + shift).subarray(shift);
          shifted.set(written);
          const read = readSafetensors(shifted);
          expect(new Map([...read.tensors].sort())).toEqual(new Map([...map].sort()));
          expect({ ...read.metadata }).toEqual({ ...metadata });
          const { values } = readNaively(written);
          for (const [name, tensor] of map) expect(values[name]).toEqual(Array.from(tensor.data));
        },
      ),
    );
  });

  it('gives equal bytes for equal content in another order', () => {
    const entries: [string, Tensor][] = [
      ['x', one],
      ['y', { shape: [1], data: Uint8Array.of(1) }],
      ['w', one],
    ];
    expect(writeSafetensors(new Map(entries))).toEqual(writeSafetensors(new Map([...entries].reverse())));
  });

  it('refuses a header beyond the cap and names that are not Unicode', () => {
    expect(() => writeSafetensors(new Map(), { graph: 'x'.repeat(1 << 20) })).toThrow(
      /header: has \d+ bytes; expected at most 1048576/,
    );
    expect(() => writeSafetensors(new Map([['\ud800', one]]))).toThrow('half a surrogate pair');
  });
});

describe('readSafetensors', () => {
  it('gives views where the alignment allows, copies otherwise', () => {
    const written = writeSafetensors(new Map([['w', one]]));
    expect(readSafetensors(written).tensors.get('w')!.data.buffer).toBe(written.buffer);
    const shifted = Buffer.concat([Buffer.alloc(1), written]).subarray(1);
    const copied = readSafetensors(shifted).tensors.get('w')!;
    expect(copied).toEqual(one);
  });

  it('reads tensors that the header lists in another order, scalars and empty tensors', () => {
    const header = {
      late: { dtype: 'U8', shape: [1], data_offsets: [2, 3] },
      early: { dtype: 'U16', shape: [], data_offsets: [0, 2] },
      none: { dtype: 'F64', shape: [3, 0, 9007199254740991], data_offsets: [2, 2] },
    };
    const { tensors: read } = readSafetensors(file(header, Uint8Array.of(1, 2, 3)));
    expect(read.get('early')).toEqual({ shape: [], data: Uint16Array.of(513) });
    expect(read.get('late')).toEqual({ shape: [1], data: Uint8Array.of(3) });
    expect(read.get('none')!.data).toEqual(new Float64Array(0));
  });

  it('keeps names such as "__proto__" harmless', () => {
    const header = '{"__metadata__":{"__proto__":"x"},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    const { tensors: read, metadata } = readSafetensors(file(header, 1));
    expect([...read.keys()]).toEqual(['__proto__']);
    expect(Object.keys(metadata)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(metadata)).toBeNull();
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  it('refuses NaN and infinities unless they are allowed', () => {
    const written = writeSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(1, Number.NaN) }]]));
    expect(refusal(written)).toBe('tensor "w"[1]: is NaN; expected a finite number');
    expect(readSafetensors(written, { allowNonFinite: true }).tensors.get('w')!.data[1]).toBeNaN();
  });

  const valid = { dtype: 'U8', shape: [4], data_offsets: [0, 4] };
  const hostile: [what: string, bytes: Uint8Array, says: RegExp][] = [
    ['nothing', new Uint8Array(0), /the file has 0 bytes/],
    ['seven bytes', new Uint8Array(7), /has 7 bytes/],
    ['an empty header', new Uint8Array(8), /does not begin with \{/],
    ['a header that claims all there could be', new Uint8Array(64).fill(255), /has 18446744073709551615 bytes/],
    [
      'a header beyond the cap',
      Uint8Array.of(1, 0, 16, 0, 0, 0, 0, 0, 0x7b),
      /has 1048577 bytes; expected at most 1048576/,
    ],
    [
      'a header beyond the file',
      Uint8Array.of(100, 0, 0, 0, 0, 0, 0, 0, 0x7b),
      /^header: needs 108 bytes, but the file has 9; expected a whole file$/,
    ],
    ['a header that is not an object', file('[1]'), /does not begin with \{/],
    ['a header with white space in front', file(' {}'), /does not begin with \{/],
    ['broken JSON', file('{"a":'), /line 1 column 6: has no value here/],
    ['bytes after the JSON', file('{}x'), /has more text after its end/],
    ['bytes that are not UTF-8', file('{"??":1}').map((byte) => (byte === 0x3f ? 0xff : byte)), /is not UTF-8/],
    ['a byte order mark', file('\ufeff{}'), /does not begin/],
    [
      'a name twice',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      /has the key "a" twice/,
    ],
    [
      'a key twice inside an entry',
      file('{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      /has the key "dtype" twice/,
    ],
    ['100,000 brackets', file(`{"a":${'['.repeat(100_000)}`), /nested too deeply; expected at most 3 levels/],
    ['100,000 braces', file('{"a":'.repeat(100_000)), /nested too deeply/],
    ['metadata that are no strings', file({ __metadata__: { a: 1 } }), /__metadata__\.a: is not a string/],
    ['metadata that are a list', file({ __metadata__: [] }), /__metadata__: is not an object/],
    ['an entry that is not an object', file({ a: 1 }), /has other keys/],
    ['an entry without shape', file({ a: { dtype: 'U8', data_offsets: [0, 0], shapes: [0] } }), /has other keys/],
    ['an entry with more keys', file({ a: { ...valid, path: '/etc/passwd' } }, 4), /has other keys/],
    ['a format it does not know', file({ a: { ...valid, dtype: 'BF16' } }, 4), /has dtype "BF16"; expected F64, F32/],
    ['a format that is not text', file({ a: { ...valid, dtype: 8 } }, 4), /has dtype 8/],
    ['a format of the prototype', file({ a: { ...valid, dtype: 'constructor' } }, 4), /has dtype "constructor"/],
    ['a negative size', file({ a: { ...valid, shape: [-4, -1] } }, 4), /has an invalid shape/],
    ['a fractional size', file({ a: { ...valid, shape: [0.5, 8] } }, 4), /has an invalid shape/],
    ['a size beyond safe integers', file({ a: { ...valid, shape: [2 ** 53] } }, 4), /has an invalid shape/],
    [
      'a number beyond float64',
      file('{"a":{"dtype":"U8","shape":[1e999],"data_offsets":[0,4]}}', 4),
      /has the number 1e999/,
    ],
    [
      'a product that overflows',
      file({ a: { ...valid, shape: [2 ** 32, 2 ** 32] } }, 4),
      /has 4 bytes; expected fewer elements than/,
    ],
    [
      'a product that overflows 64 bits back to 4',
      file({ a: { ...valid, shape: [2 ** 33, 2 ** 31 + 1, 4] } }, 4),
      /has 4 bytes/,
    ],
    ['a shape larger than its bytes', file({ a: { ...valid, shape: [5] } }, 4), /has 4 bytes; expected 5 for U8 \[5\]/],
    ['a shape smaller than its bytes', file({ a: { ...valid, shape: [3] } }, 4), /has 4 bytes; expected 3/],
    [
      'offsets backwards',
      file({ a: { ...valid, data_offsets: [4, 0] } }, 4),
      /is damaged: begins at byte 4 and ends at byte 0;/,
    ],
    [
      'offsets beyond the file',
      file({ a: { ...valid, shape: [5], data_offsets: [0, 5] } }, 4),
      /is damaged or incomplete: needs 5 bytes of data, and the file has 4;/,
    ],
    ['three offsets', file({ a: { ...valid, data_offsets: [0, 4, 4] } }, 4), /has invalid data_offsets/],
    [
      'overlapping tensors',
      file({ a: valid, b: { ...valid, data_offsets: [2, 6] } }, 6),
      /"b": begins at byte 2; expected 4/,
    ],
    ['the same bytes twice', file({ a: valid, b: valid }, 4), /begins at byte 0; expected 4/],
    ['a hole', file({ a: valid, b: { ...valid, data_offsets: [5, 9] } }, 9), /begins at byte 5; expected 4/],
    ['a hole in front', file({ a: { ...valid, data_offsets: [1, 5] } }, 5), /begins at byte 1; expected 0/],
    ['bytes behind the last tensor', file({ a: valid }, 5), /tensors: cover 4 of 5 bytes/],
    ['bytes but no tensor', file({}, 5), /tensors: cover 0 of 5 bytes/],
  ];
  it.each(hostile)('refuses %s', (_what, bytes, says) => {
    expect(refusal(bytes)).toMatch(says);
  });

  it('gives a result or an error of code file for any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((json) => file(json, 3)),
        ),
        (bytes) => {
          try {
            readSafetensors(bytes);
          } catch (error) {
            expect(error).toMatchObject({ name: 'SpikewireError', code: 'file' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
