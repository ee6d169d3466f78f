import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeScan, layOutScan, parseScanType } from './scan.ts';

const type = (text: string) => parseScanType(text, 'here');

describe('a type of a scan', () => {
  it.each([
    ['le:s12/16>>4', { littleEndian: true, form: 's', bits: 12, bytes: 2, shift: 4 }],
    ['be:u32/32>>0', { littleEndian: false, form: 'u', bits: 32, bytes: 4, shift: 0 }],
    ['le:s64/64>>0', { littleEndian: true, form: 's', bits: 64, bytes: 8, shift: 0 }],
    ['be:s24/32X1>>8', { littleEndian: false, form: 's', bits: 24, bytes: 4, shift: 8 }],
    ['le:f32/32>>0', { littleEndian: true, form: 'f', bits: 32, bytes: 4, shift: 0 }],
  ])('%s is read', (text, expected) => {
    expect(type(text)).toEqual(expected);
  });

  it.each([
    '',
    'le:s12/16>>8',
    'le:s0/16>>0',
    'me:s8/8>>0',
    'le:s32/32X4>>0',
    'le:s24/24>>0',
    'le:f16/16>>0',
    'le:s12/16>>4x',
  ])('"%s" is refused', (text) => {
    expect(() => type(text)).toThrow(/^here: holds ".*"; expected a type such as le:s12\/16>>4$/);
  });

  it('gives back any number that was put into its bits, whatever lies beside them', () => {
    const storages = fc.constantFrom(8, 16, 32, 64);
    const cases = fc.record({
      storage: storages,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      littleEndian: fc.boolean(),
      isSigned: fc.boolean(),
      noise: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      number: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
    });
    fc.assert(
      fc.property(cases, ({ storage, share, place, littleEndian, isSigned, noise, number }) => {
        const bits = 1 + Math.round(share * (Math.min(storage, 53) - 1));
        const shift = Math.round(place * (storage - bits));
        const bounded = number % 2n ** BigInt(bits);
        const half = 2n ** BigInt(bits - 1);
        const value = isSigned && bounded >= half ? bounded - 2n * half : bounded;
        const mask = (2n ** BigInt(bits) - 1n) << BigInt(shift);
        let word = ((noise & ~mask) | (bounded << BigInt(shift))) % 2n ** BigInt(storage);
        const bytes = Array.from({ length: storage / 8 }, () => {
          const byte = Number(word % 256n);
          word /= 256n;
          return byte;
        });
        const view = new DataView(Uint8Array.from(littleEndian ? bytes : bytes.reverse()).buffer);
        const text = `${littleEndian ? 'le' : 'be'}:${isSigned ? 's' : 'u'}${bits}/${storage}>>${shift}`;
        expect(decodeScan(view, 0, type(text))).toBe(Number(value));
      }),
    );
  });

  it('lies where a struct of C would have it', () => {
    const layout = (...texts: string[]) => layOutScan(texts.map(type));
    expect(layout('le:s16/16>>0', 'le:s16/16>>0', 'le:s16/16>>0', 'le:s64/64>>0')).toEqual({
      offsets: [0, 2, 4, 8],
      bytes: 16,
    });
    expect(layout('le:u8/8>>0', 'be:s32/32>>0', 'le:s12/16>>4')).toEqual({ offsets: [0, 4, 8], bytes: 12 });
    expect(layout('le:s16/16>>0', 'le:s16/16>>0', 'le:s16/16>>0')).toEqual({ offsets: [0, 2, 4], bytes: 6 });
  });
});
