import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureChain } from './chain/chain.ts';

const chainOf = (parameters: Record<string, never | number | number[]>, numbers: number, type = 'standardise') =>
  new FeatureChain('test', [{ type, parameters }], numbers);

describe('standardise', () => {
  it('takes mean and deviation of the first frames of each channel, and hands on nothing before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), {
          minLength: 5,
          maxLength: 9,
        }),
        (rows) => {
          const chain = chainOf({ warmUp: rows.length }, 2);
          expect(rows.map((row) => chain.take(row))).toEqual(rows.map(() => false));
          expect(chain.take([50, -50])).toBe(true);
          for (const [c, reading] of [50, -50].entries()) {
            const mean = rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length;
            const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row[c]! - mean) ** 2, 0) / rows.length);
            if (deviation < 1e-3) continue;
            expect(chain.values[c]).toBeCloseTo(Math.max(-4, Math.min(4, (reading - mean) / deviation)), 6);
          }
        },
      ),
    );
  });

  it('takes what is given for all, or for each channel', () => {
    const one = chainOf({ mean: 10, deviation: 2 }, 3);
    one.take([10, 12, 99]);
    expect(Array.from(one.values)).toEqual([0, 1, 4]);
    const each = chainOf({ mean: [0, 5, 10], deviation: [1, 2, 4], clip: 9 }, 3);
    each.take([3, 3, 3]);
    expect(Array.from(each.values)).toEqual([3, -1, -1.75]);
  });

  it('stays finite where nothing ever varied', () => {
    const chain = chainOf({ warmUp: 3 }, 1);
    for (let k = 0; k < 3; k++) chain.take([7]);
    chain.take([7]);
    expect(chain.values[0]).toBe(0);
  });

  it.each([
    [{ mean: 1 }, 'has one of mean and deviation; expected both, or none'],
    [{ mean: 1, deviation: 0 }, 'deviation: is not above 0 everywhere'],
    [{ mean: [1, Number.NaN], deviation: 1 }, 'mean: has 2 values, or one that is not a number'],
    [{ clip: 0 }, 'clip: is 0; expected a number above 0'],
  ])('refuses %j', (parameters, message) => {
    expect(() => chainOf(parameters as never, 1)).toThrow(message);
  });
});

describe('running-standardise', () => {
  it('is the average over at most so many frames, as a recursion from mean 0 and variance 1', () => {
    const chain = chainOf({ begin: 10, most: 20 }, 1, 'running-standardise');
    let [mean, variance, n] = [0, 1, 10];
    for (let k = 0; k < 200; k++) {
      const x = 3 + Math.sin(k);
      n = Math.min(20, n + 1);
      const change = x - mean;
      mean += change / n;
      variance += (change * (x - mean) - variance) / n;
      chain.take([x]);
      expect(chain.values[0]).toBeCloseTo((x - mean) / Math.sqrt(variance + 1e-3), 9);
    }
    // It has followed: the sine is now around 0, with deviation 1.
    expect(Math.abs(chain.values[0]!)).toBeLessThan(1.6);
  });

  it('is not moved far by one wild frame', () => {
    const chain = chainOf({}, 1, 'running-standardise');
    chain.take([1e60]);
    expect(chain.values[0]).toBe(4);
    chain.take([0]);
    expect(Math.abs(chain.values[0]!)).toBeLessThan(1);
  });
});
