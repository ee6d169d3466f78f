import { expect, it } from 'vitest';
import { scoreLine } from './score-line.ts';

it('has the limit in the middle, and the highest of readings that share a place', () => {
  expect(scoreLine([0, 3, 6, 12, 100], 6)).toBe('0,100 25,75 50,50 75,0 100,0');
  expect(scoreLine([null, null, 6], 6)).toBe('100,50');
  const scores = Array.from({ length: 600 }, (_, k) => (k === 305 ? 12 : 0));
  const points = scoreLine(scores, 6).split(' ');
  expect(points).toHaveLength(60);
  expect(points.filter((point) => point.endsWith(',0'))).toEqual(['51,0']);
  expect(scoreLine([], 6)).toBe('');
});
