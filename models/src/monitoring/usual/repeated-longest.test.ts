import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepeatedLongest } from './repeated-longest.ts';

const sizes = fc.array(fc.oneof(fc.constantFrom(1, 2, 1000), fc.double({ min: 0, max: 1e6, noNaN: true })), {
  minLength: 1,
  maxLength: 60,
});
const largestFirst = (values: readonly number[]) => values.toSorted((a, b) => b - a);

describe('the longest that repeats', () => {
  it('is the third largest of all, and its excess what the two larger ones have beyond', () => {
    fc.assert(
      fc.property(sizes, (values) => {
        const longest = new RepeatedLongest(100);
        for (const value of values) longest.learn(value);
        const [first, second, third] = largestFirst(values);
        const expected = third ?? second ?? first!;
        expect(longest.value).toBe(expected);
        expect(longest.excess).toBeCloseTo(first! - expected + ((second ?? expected) - expected), 6);
      }),
    );
  });

  it('has come within its memory, and is never more than the third largest there', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 20 }), (values, memory) => {
        const longest = new RepeatedLongest(memory);
        values.forEach((value, k) => {
          longest.learn(value);
          const recent = values.slice(Math.max(0, k + 1 - memory), k + 1);
          expect(recent).toContain(longest.value);
          expect(longest.value).toBeLessThanOrEqual(largestFirst(recent)[2] ?? Number.POSITIVE_INFINITY);
        });
      }),
    );
  });

  it('stays with a size that comes back all the time among smaller ones', () => {
    const longest = new RepeatedLongest(1000);
    const values: number[] = [];
    for (let k = 0; k < 20_000; k++) {
      longest.learn(k % 250 === 249 ? 60 + Math.sin(k) : 1);
      if (k > 1000) values.push(longest.value);
    }
    expect(Math.min(...values)).toBeGreaterThan(58);
  });

  it('is not known before the first size', () => {
    expect(new RepeatedLongest(10).value).toBeNaN();
  });
});
