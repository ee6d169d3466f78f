import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RememberedSizes } from './remembered-sizes.ts';

const TIMES = 6;

describe('remembered sizes', () => {
  it('keep an ordinary size ordinary, and a quarter more, while what is learned becomes less', () => {
    const sizes = new RememberedSizes(1, 1000);
    sizes.take(0, 5, TIMES, 1, true);
    for (let k = 0; k < 999; k++) sizes.take(0, 0.1, TIMES, 0.2, true);
    expect(TIMES * sizes.at(0)).toBeCloseTo(6.25, 12);
    sizes.take(0, 0.1, TIMES, 0.2, true);
    expect(sizes.at(0)).toBe(0);
  });

  it('hold as long as ordinary sizes of half their limit come again, and no smaller or flagged ones', () => {
    const after = (size: number, isOrdinary: boolean) => {
      const sizes = new RememberedSizes(1, 1000);
      sizes.take(0, 5, TIMES, 1, true);
      for (let k = 0; k < 5000; k++)
        sizes.take(0, k % 500 === 0 ? size : 0.1, TIMES, 0.02, k % 500 !== 0 || isOrdinary);
      return sizes.at(0);
    };
    expect(TIMES * after(3.2, true)).toBeCloseTo(6.25, 12);
    expect(TIMES * after(3.1, true)).toBeLessThan(0.2);
    expect(TIMES * after(5, false)).toBeLessThan(0.2);
  });

  it('are never above a quarter more than the limit of what was learned, whatever comes', () => {
    const taken = fc.array(fc.record({ size: fc.double({ min: 0, max: 1e9, noNaN: true }), isOrdinary: fc.boolean() }));
    fc.assert(
      fc.property(taken, (all) => {
        const sizes = new RememberedSizes(1, 5);
        for (const { size, isOrdinary } of all) {
          sizes.take(0, size, TIMES, 1, isOrdinary);
          expect(sizes.at(0)).toBeLessThanOrEqual(1.25);
        }
      }),
    );
  });
});
