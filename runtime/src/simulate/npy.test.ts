import { describe, expect, it } from 'vitest';
import { readNpy } from './npy.ts';

/** A file as NumPy writes it: magic, version, header padded to 64 bytes, numbers. */
function npy(descr: string, shape: string, data: Uint8Array, { version = 1, order = 'False' } = {}): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  const padded = `${text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1)}\n`;
  const bytes = new Uint8Array(start + padded.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), start);
  bytes.set(data, start + padded.length);
  return bytes;
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('readNpy', () => {
  it.each([
    ['<f8', bytesOf(Float64Array.of(1.5, -2, 0, 3))],
    ['<f4', bytesOf(Float32Array.of(1.5, -2, 0, 3))],
  ])('reads %s', (descr, data) => {
    const values = Float64Array.of(1.5, -2, 0, 3);
    expect(readNpy(npy(descr, '(2, 2)', data))).toEqual({ steps: 2, size: 2, values, shape: [2, 2] });
  });

  it.each([
    ['|i1', bytesOf(Int8Array.of(1, -2, 0, 3))],
    ['<i2', bytesOf(Int16Array.of(1, -2, 0, 3))],
    ['<i4', bytesOf(Int32Array.of(1, -2, 0, 3))],
    ['<i8', bytesOf(BigInt64Array.of(1n, -2n, 0n, 3n))],
    ['>i2', Uint8Array.of(0, 1, 255, 254, 0, 0, 0, 3)],
  ])('reads %s', (descr, data) => {
    expect(Array.from(readNpy(npy(descr, '(4,)', data)).values)).toEqual([1, -2, 0, 3]);
  });

  it.each([
    ['|u1', bytesOf(Uint8Array.of(1, 200)), [1, 200]],
    ['<u2', bytesOf(Uint16Array.of(1, 60_000)), [1, 60_000]],
    ['<u4', bytesOf(Uint32Array.of(1, 4_000_000_000)), [1, 4_000_000_000]],
    ['<u8', bytesOf(BigUint64Array.of(1n, 2n ** 52n)), [1, 2 ** 52]],
    ['|b1', bytesOf(Uint8Array.of(1, 0)), [1, 0]],
  ])('reads %s', (descr, data, values) => {
    expect(Array.from(readNpy(npy(descr, '(2,)', data)).values)).toEqual(values);
  });

  it.each([1, 2, 3])('reads format version %d', (version) => {
    expect(readNpy(npy('|u1', '(3, 1, 2)', new Uint8Array(6), { version }))).toMatchObject({
      ...{ steps: 3, size: 2 },
      shape: [3, 1, 2],
    });
  });

  it('reads at any place of a larger buffer', () => {
    const file = npy('<f8', '(1,)', bytesOf(Float64Array.of(0.25)));
    const larger = new Uint8Array(file.length + 3);
    larger.set(file, 3);
    expect(readNpy(larger.subarray(3)).values[0]).toBe(0.25);
  });

  it.each([
    ['no array', new TextEncoder().encode('step,index\n0,1\n'), /does not begin like one/],
    ['an empty file', new Uint8Array(), /does not begin like one/],
    ['complex numbers', npy('<c8', '(1,)', new Uint8Array(8)), /has numbers of type <c8/],
    ['column-major order', npy('<f8', '(1, 1)', new Uint8Array(8), { order: 'True' }), /column-major order/],
    ['too few numbers', npy('<f8', '(3,)', new Uint8Array(8)), /has 8 bytes of numbers; expected 24 for shape \(3\)/],
    ['a version to come', npy('<f8', '(1,)', new Uint8Array(8), { version: 9 }), /format version 9/],
    ['a header beyond the end', npy('<f8', '(1,)', new Uint8Array(8)).subarray(0, 40), /has a header up to byte/],
  ])('refuses %s in one line', (_case, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(message);
  });

  it('refuses more numbers than it may have, and a header without an end, before it takes room for them', () => {
    const file = npy('|u1', '(2, 2)', new Uint8Array(4));
    expect(readNpy(file, 4).values).toHaveLength(4);
    expect(() => readNpy(file, 3)).toThrow(/^NumPy array: has 4 numbers; expected at most 3$/);
    const long = npy('|u1', `(${'1, '.repeat(30_000)}1)`, new Uint8Array(1), { version: 2 });
    expect(() => readNpy(long)).toThrow(/has a header of \d+ bytes; expected one of a plain array/);
  });

  it('takes nothing for a size beside a size of 0', () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(readNpy(npy('<f8', '(0, 50000000)', new Uint8Array()))).toMatchObject({ steps: 0, size: 50_000_000 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});
