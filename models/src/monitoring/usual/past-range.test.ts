import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PastRange } from './past-range.ts';

function after(values: readonly number[], warmUp = 100) {
  const range = new PastRange(warmUp);
  for (const value of values) range.learn(value);
  return range;
}
const usual = (count: number) => Array.from({ length: count }, (_, k) => 20 + Math.sin(k));

describe('past range', () => {
  it('is from the least to the largest of first numbers, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (values) => {
          const { low, high } = after(values);
          expect([low, high]).toEqual([Math.min(...values), Math.max(...values)]);
        },
      ),
    );
  });

  it('grows by its width at most at one absurd number, and by two within thirty', () => {
    const range = after(usual(500));
    const { width, high } = range;
    range.learn(1e9);
    expect(range.high - high).toBeCloseTo(width, 3);
    for (let k = 0; k < 20; k++) range.learn(85);
    expect(range.width).toBeLessThan(4 * width);
    expect(range.beyond(30)).toBeGreaterThan(0.05 * range.width);
  });

  it('believes more in the warm-up, but no absurd number', () => {
    const range = after([...usual(50), 1e9, ...usual(50)]);
    expect(range.width).toBeLessThan(9 * 2.1);
    expect(after([...usual(50), 30, ...usual(50)]).high).toBeCloseTo(30, 1);
  });

  it('follows a level that stays, and forgets ends that are not reached again over many numbers', () => {
    const range = after([...usual(500), ...Array.from({ length: 300 }, () => 30)]);
    expect(range.beyond(30)).toBe(0);
    const narrow = after([...usual(200), ...Array.from({ length: 100_000 }, () => 20)]);
    expect(narrow.width).toBeCloseTo(2 / Math.E, 1);
  });
});
