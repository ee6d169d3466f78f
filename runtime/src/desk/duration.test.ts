import { expect, it } from 'vitest';
import { durationOf } from './duration.ts';

it.each([
  [400, '0.4 s'],
  [40_000, '40 s'],
  [150_000, '2.5 min'],
  [5_400_000, '90 min'],
  [12_600_000, '3.5 h'],
])('%d ms are %s', (milliseconds, words) => {
  expect(durationOf(milliseconds)).toBe(words);
});
