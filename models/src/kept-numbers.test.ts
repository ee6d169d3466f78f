import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreeing, anything, flag, type KeptNumbers, kept, misfitOf, real, unknownOr, whole } from './kept-numbers.ts';

const partOf = (numbers: KeptNumbers, ...values: number[]) => {
  return { where: 'state "x"', numbers, saved: Float64Array.from(values) };
};

describe('ranges of kept numbers', () => {
  const ends = fc
    .tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }))
    .map(([a, b]) => [a, b].sort((x, y) => x - y));
  const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, -0, 2 ** 53, 1e300));

  it('hold what lies between their ends, and NaN only where it may be unknown', () => {
    fc.assert(
      fc.property(ends, numbers, ([from, to], value) => {
        const isWithin = !Number.isNaN(value) && !(value < from!) && !(value > to!);
        expect(real(from, to).has(value)).toBe(isWithin);
        expect(whole(from, to).has(value)).toBe(isWithin && value % 1 === 0);
        expect(unknownOr(real(from, to)).has(value)).toBe(isWithin || Number.isNaN(value));
        expect(flag.has(value)).toBe([0, 1].includes(value));
        expect(anything.has(value)).toBe(true);
      }),
    );
  });

  it('are finite, and whole numbers exact, where no end is given', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect([real().has(value), real(0).has(value), whole().has(value)]).toEqual([false, false, false]);
    }
    expect([real().has(Number.MAX_VALUE), whole().has(2 ** 53 - 1), whole().has(2 ** 53)]).toEqual([true, true, false]);
  });
});

describe('a misfit of saved numbers', () => {
  const view = new Float64Array(4);
  const numbers = kept(view, whole(0, 3), real(0));

  it('is the first that is not within its range, with what was expected there', () => {
    expect(misfitOf([partOf(numbers, 3, 0.5, 1, 2)])).toBeUndefined();
    expect(misfitOf([partOf(numbers, 4, -1, 1, 2)])).toMatchObject({
      code: 'store',
      message: 'state "x": has 4 at 0; expected a whole number from 0 to 3',
    });
    expect(misfitOf([partOf(numbers, 0, 1, 1, Number.NaN)])!.message).toContain(
      'has NaN at 3; expected a finite number',
    );
  });

  it('is one of numbers that do not agree with those beside them, also of other views', () => {
    const count = new Float64Array(1);
    const sorted = agreeing(numbers, 'as many as are counted', (saved) => saved(count)[0] === saved(view)[0]);
    const parts = (counted: number) => [partOf(sorted, 2, 0, 0, 0), { ...partOf(kept(count, whole()), counted) }];
    expect(misfitOf(parts(2))).toBeUndefined();
    expect(misfitOf(parts(1))!.message).toContain('as many as are counted');
  });
});
