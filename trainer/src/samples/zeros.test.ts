import { expect, it } from 'vitest';
import { zerosIn } from './zeros.ts';

it('says that there were no readings of zeros where there were none', () => {
  expect(zerosIn([Float64Array.of(0, 1), [2, 0]])).toEqual({ zeros: 'never' });
  expect(zerosIn([Float64Array.of(0, 1), [0, -0]])).toEqual({});
});
