import { describe, expect, it } from 'vitest';
import { roundHalfEven } from './rounding.ts';

describe('roundHalfEven', () => {
  it('takes the nearest whole number and the even one at ties', () => {
    const values = [-2.5, -1.5, -1.2, -0.5, -0.2, 0.2, 0.5, 0.8, 1.5, 2.5, 3.5, 1e9 + 0.5];
    expect(values.map(roundHalfEven).map((value) => value + 0)).toEqual([-2, -2, -1, 0, 0, 0, 0, 1, 2, 2, 4, 1e9]);
    expect(roundHalfEven(0.49999999999999994) + 0).toBe(0);
  });
});
