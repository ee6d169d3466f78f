import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resampled } from './resample.ts';

const LENGTH = 4000;
const tone = (frequency: number, rate: number) =>
  Float32Array.from({ length: LENGTH }, (_, k) => Math.sin((2 * Math.PI * frequency * k) / rate));

/** Away from the ends, where the filter has samples on one side only. */
function largest(samples: Float32Array, of: (sample: number, k: number) => number): number {
  const edge = samples.length >> 2;
  return Math.max(...samples.slice(edge, -edge).map((sample, k) => Math.abs(of(sample, k + edge))));
}

describe('another rate', () => {
  it.each([
    [8000, 16_000],
    [16_000, 8000],
    [44_100, 16_000],
    [48_000, 8000],
    [8000, 11_025],
    [99.7, 50],
  ])('from %d to %d Hz keeps a tone below 0.8 of the lower half and takes away what would alias', (from, to) => {
    const half = Math.min(from, to) / 2;
    for (const share of [0.05, 0.31, 0.79]) {
      const result = resampled(tone(share * half, from), from, to);
      const wanted = (k: number) => Math.sin((2 * Math.PI * share * half * k) / to);
      expect(largest(result, (sample, k) => sample - wanted(k))).toBeLessThan(1e-3);
    }
    for (const share of [1.02, 1.3, 1.9].filter((share) => to < from && share * half < from / 2)) {
      expect(largest(resampled(tone(share * half, from), from, to), (sample) => sample)).toBeLessThan(3e-4);
    }
  });

  it('keeps what is steady, up to the ends, and says how long it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0.2, max: 5, noNaN: true }), (length, ratio) => {
        const result = resampled(new Float32Array(length).fill(0.75), 1, ratio);
        expect(result.length).toBe(Math.floor((length - 1) * ratio + 1e-9) + 1);
        for (const sample of result) expect(sample).toBeCloseTo(0.75, 4);
      }),
      { numRuns: 30 },
    );
    expect(resampled(new Float32Array(0), 1, 2)).toHaveLength(0);
  });
});
