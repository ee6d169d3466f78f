import { describe, expect, it } from 'vitest';
import type { DashboardPast } from '../../source.ts';
import { WholeTime } from './whole-time.ts';

const noon = new Date('2026-11-27T12:00:00').getTime();

function past(times: readonly number[]): DashboardPast {
  const stretch = { from: 3, to: 4, begun: times[1]!, ended: times[1]! + 5, flags: 2, score: 9, reason: '' };
  return {
    ...{ time: times, readings: [2, 3, 1], flags: [0, 2, 0], score: [0, 9, 0], stretches: [stretch] },
    ...{ low: [[1, 2, 3]], high: [[4, 5, null]] },
  };
}

describe('whole time', () => {
  it('lies on the clock, from the first reading to the newest', () => {
    const whole = new WholeTime();
    whole.set(past([noon, noon + 10, noon + 25]));
    whole.reach(noon + 30, 6);
    expect(whole.places).toEqual([noon, noon + 10, noon + 25, noon + 30]);
    expect(whole.range).toEqual([noon, noon + 30]);
    expect([...whole.marks()]).toEqual([{ from: noon + 10, to: noon + 15 }]);
    expect(whole.bandOf(0)).toEqual([
      [4, 5, null, null],
      [1, 2, 3, 3],
    ]);
    expect([whole.readings, whole.begin]).toEqual([6, noon]);
  });

  it('lies on the numbers of readings where it is asked to, or the times are none of a clock', () => {
    for (const times of [
      [1, 2, 3],
      [noon, noon - 1, noon + 5],
      [noon, noon + 10, noon + 25],
    ]) {
      const whole = new WholeTime();
      whole.byNumber = times[2] === noon + 25;
      whole.set(past(times));
      // Four readings more than the buckets know of came before them.
      whole.reach(times[2]!, 10);
      expect(whole.places).toEqual([4, 6, 9, 10]);
      expect([...whole.marks()]).toEqual([{ from: 3, to: 4 }]);
    }
  });

  it('is nothing before it is known, and again after it was cleared', () => {
    const whole = new WholeTime();
    const isEmpty = () => whole.readings === 0 && [...whole.marks()].length === 0 && whole.places.length <= 1;
    expect(isEmpty()).toBe(true);
    whole.set(past([noon, noon + 10, noon + 25]));
    expect(isEmpty()).toBe(false);
    whole.clear();
    expect(isEmpty()).toBe(true);
    expect(whole.bandOf(0)).toEqual([[null], [null]]);
  });
});
