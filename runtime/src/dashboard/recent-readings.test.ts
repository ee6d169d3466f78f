import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentReadings } from './recent-readings.ts';
import { SHOWN_READINGS } from './source.ts';

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

it('keeps the newest readings, as many as there is room for, where room comes later and is given back', () => {
  const rest = { limit: 6, anomaly: false, error: 0, spikes: 0, rate: 0, expected: null };
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 4 }),
      fc.nat(),
      fc.nat(),
      (batches, mask, cut) => {
        let [isRoom, taken, seq] = [false, 0, 0];
        const takeRoom = (readings: number) => {
          if (isRoom) taken += readings;
          return isRoom;
        };
        const recent = new RecentReadings(1, 2, takeRoom);
        const expected: number[] = [];
        const first = recent.capacity;
        for (const [k, count] of batches.entries()) {
          isRoom = ((mask >> k) & 1) === 1;
          for (let n = 0; n < count; n++) {
            recent.add({ ...rest, seq: ++seq, time: seq, score: seq, scores: [seq, -seq], values: [seq / 2] });
            expected.push(seq);
            if (expected.length > recent.capacity) expected.shift();
          }
          if (((cut >> k) & 1) === 1) {
            taken -= recent.shrink();
            expected.splice(0, expected.length - first);
          }
        }
        const list = recent.list();
        expect(list.map((reading) => reading.seq)).toEqual(expected);
        expect(list.map(({ values, scores }) => [...values, ...scores!])).toEqual(expected.map((n) => [n / 2, n, -n]));
        expect(recent.capacity).toBe(first + taken);
        expect(recent.capacity).toBeLessThanOrEqual(SHOWN_READINGS);
        expect(recent.course(expected.length)).toHaveLength(expected.length);
      },
    ),
    { numRuns: 30 },
  );
});
