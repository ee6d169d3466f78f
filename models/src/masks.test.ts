import { expect, it } from 'vitest';
import { areMasks, overlapOf } from './masks.ts';

it('overlap is what is in both over what is in either', () => {
  expect(overlapOf([3, 0.25, -1, 0], [1, 0.25, 0.75, 0])).toBeCloseTo(1 / 3, 12);
  expect(overlapOf([-1, 0], [0, 0])).toBe(1);
  expect(overlapOf([-1, 1], [1, 0])).toBe(0);
});

it('masks have 0 and 1 alone', () => {
  expect(areMasks([Float64Array.of(0, 1), [1, 1]])).toBe(true);
  expect(areMasks([Float64Array.of(0, 1), [1, 0.5]])).toBe(false);
  expect(areMasks([[-1]])).toBe(false);
});
