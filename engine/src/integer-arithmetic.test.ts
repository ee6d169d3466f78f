import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiplyQ15, multiplyQ15InLanes, Saturation, shiftRight, shiftToFraction } from './integer-arithmetic.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const factor = fc.integer({ min: 1 - 2 ** 15, max: 2 ** 15 });
const edges = [-(2 ** 31), 1 - 2 ** 31, -32769, -32768, -1, 0, 1, 32767, 32768, 2 ** 31 - 1];

describe('integer arithmetic', () => {
  it('multiplies by a factor of 15 bits like BigInt, in doubles and in 32-bit lanes', () => {
    const check = (v: number, a: number) => {
      const exact = Number((BigInt(v) * BigInt(a) + 16384n) >> 15n);
      expect(multiplyQ15(v, a)).toBe(exact);
      // Only −2^31 · −(2^15 − 1) and its like leave 32 bits; the lanes are asked for |result| < 2^31.
      if (exact <= 2 ** 31 - 1) expect(multiplyQ15InLanes(v, a)).toBe(exact);
    };
    fc.assert(fc.property(int32, factor, check), { numRuns: 2000 });
    for (const v of edges) for (const a of [1 - 2 ** 15, -1, 0, 1, 32767, 32768]) check(v, a);
  });

  it('shifts to a fraction like BigInt, with rounding where F is negative', () => {
    fc.assert(
      fc.property(int32, fc.integer({ min: -30, max: 8 }), (x, fraction) => {
        const bits = BigInt(Math.abs(fraction));
        const exact = fraction >= 0 ? BigInt(x) << bits : (BigInt(x) + (1n << (bits - 1n))) >> bits;
        expect(shiftToFraction(x, fraction)).toBe(Number(exact));
        if (fraction < 0) expect(shiftRight(x, -fraction)).toBe(Number(exact));
      }),
      { numRuns: 1000 },
    );
  });

  it('saturates to two’s complement and counts both ends apart', () => {
    const counters = { saturatedHigh: 0, saturatedLow: 0 };
    const saturation = new Saturation(counters);
    expect([32767, 32768, 1e9, -32768, -32769].map((value) => saturation.saturate(value, 16))).toEqual([
      32767, 32767, 32767, -32768, -32768,
    ]);
    expect(Array.from(saturation.counts)).toEqual([2, 1]);
    expect(counters).toEqual({ saturatedHigh: 2, saturatedLow: 1 });
    expect(saturation.saturate(127, 8)).toBe(127);
    expect(saturation.saturate(2 ** 31, 32)).toBe(2 ** 31 - 1);
  });
});
