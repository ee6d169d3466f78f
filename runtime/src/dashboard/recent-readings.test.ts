import { expect, it } from 'vitest';
import { RecentReadings } from './recent-readings.ts';

function courseOf(values: readonly number[]): number[] {
  const recent = new RecentReadings(1);
  const rest = { score: 0, limit: 6, anomaly: false, error: 0, spikes: 0, rate: 0, expected: null };
  for (const [k, value] of values.entries()) recent.add({ ...rest, seq: k + 1, time: k, values: [value] });
  return recent.course(values.length);
}

it.each<[number[], number[]]>([
  [
    [20, 21, 22, 25],
    [0, 20, 40, 99],
  ],
  [
    [20, 1e308, 20],
    [0, 99, 0],
  ],
  [
    [-1.7e308, 0, 1.7e308],
    [0, 50, 99],
  ],
  [
    [5e-324, 0],
    [99, 0],
  ],
  [
    [0, 0],
    [50, 50],
  ],
  [
    [7, 7],
    [50, 50],
  ],
])('draws %j from 0 to 99', (values, course) => {
  expect(courseOf(values)).toEqual(course);
});
