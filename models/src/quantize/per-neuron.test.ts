import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortest, spread, valueFor } from './per-neuron.ts';

/** Lists with all kinds of repeats: some values, each for some neurons in a row. */
const lists = fc
  .tuple(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 6 }))
  .map(([values, each]) => Int32Array.from(values.flatMap((value) => new Array(each).fill(value))));

describe('lists with a value for each of equally many neurons', () => {
  it('says the same with the fewest values', () => {
    fc.assert(
      fc.property(lists, (values) => {
        const short = shortest(values);
        expect(Array.from(values, (_, i) => valueFor(short, i, values.length))).toEqual([...values]);
        expect(spread(short, values.length)).toEqual(values);
        for (let fewer = 1; fewer < short.length; fewer++) {
          if (values.length % fewer !== 0) continue;
          const each = values.length / fewer;
          expect(values.every((value, i) => value === values[i - (i % each)])).toBe(false);
        }
      }),
    );
  });

  it.each([
    [[5, 5, 5, 5], [5]],
    [
      [1, 1, 2, 2],
      [1, 2],
    ],
    [
      [1, 1, 1, 2],
      [1, 1, 1, 2],
    ],
    [
      [1, 1, 2, 2, 2, 2],
      [1, 2, 2],
    ],
    [[], []],
  ])('makes of %j', (values, short) => {
    expect([...shortest(Float64Array.from(values))]).toEqual(short);
  });
});
