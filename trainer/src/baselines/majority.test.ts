import { expect, it } from 'vitest';
import { majorityOf } from './majority.ts';

it.each([
  { labels: [2, 0, 2, 1], share: 1 / 2 },
  { labels: [-1, -1, -1, 7], share: 1 / 4 },
  { labels: [-1], share: 0 },
])('always the most frequent class is right in $share of $labels', ({ labels, share }) => {
  expect(majorityOf(labels)).toBe(share);
});
