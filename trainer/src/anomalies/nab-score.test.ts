import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmsOf } from './alarms.ts';
import { type NabProfile, nabProfiles, nabScore, probationOf, tally, type Window } from './nab-score.ts';

const LENGTH = 5000;
const PROBATION = 750;
const windows: readonly Window[] = [
  [1000, 1200],
  [3000, 3100],
];
const { standard, lowFalsePositives, lowFalseNegatives } = nabProfiles;
const scoreOf = (detections: readonly number[], profile: NabProfile = standard) =>
  nabScore([tally(LENGTH, windows, detections)], profile);
/** The scaled sigmoid of the paper, equation 1, written from its definition. */
const sigma = (y: number) => 2 * (1 / (1 + Math.exp(5 * y))) - 1;

describe('NAB score', () => {
  it('is 100 for the first reading of every window, 0 for no detection, under every profile', () => {
    for (const profile of Object.values(nabProfiles)) {
      expect(scoreOf([1000, 3000], profile)).toBeCloseTo(100, 9);
      expect(scoreOf([], profile)).toBe(0);
    }
  });

  it('falls within a window from 1 to nearly 0, and only the earliest detection in it counts', () => {
    // A window of 201 readings, entered at its k-th: y = −(201 − k)/201, divided by σ(−1).
    for (const k of [0, 50, 100, 200]) {
      const worth = sigma(-(201 - k) / 201) / sigma(-1);
      expect(scoreOf([1000 + k])).toBeCloseTo(100 * ((worth + 1 - 1 + 1) / 4), 9);
      expect(scoreOf([1000 + k, 1000 + k])).toBe(scoreOf([1000 + k]));
    }
    expect(scoreOf([1000, 1100, 1200, 3000])).toBeCloseTo(100, 9);
  });

  it('takes 0.11 for each false alarm, less right behind a window, twice that where they are to be few', () => {
    expect(scoreOf([1000, 3000, 900])).toBeCloseTo(100 * (1 - 0.11 / 4), 9);
    expect(scoreOf([1000, 3000, 900], lowFalsePositives)).toBeCloseTo(100 * (1 - 0.22 / 4), 9);
    expect(scoreOf([1000, 1300, 3000])).toBeCloseTo(100 * (1 + (0.11 * sigma(0.5)) / 4), 9);
    expect(scoreOf([1000, 2500, 3000])).toBeCloseTo(100 * (1 - 0.11 / 4), 9);
  });

  it('takes 1 for a missed window, or 2 where none should be missed', () => {
    expect(scoreOf([1000])).toBeCloseTo(50, 9);
    expect(scoreOf([1000], lowFalseNegatives)).toBeCloseTo(50, 9);
    expect(nabScore([tally(LENGTH, windows, [1000, 900])], lowFalseNegatives)).toBeCloseTo(
      (100 * (1 - 0.11 - 2 + 4)) / 6,
      9,
    );
  });

  it('does not look into the probation, 15 % of a file or 750 readings', () => {
    expect([100, 1000, 4999, 5000, 20_000].map(probationOf)).toEqual([15, 150, 749, 750, 750]);
    expect(scoreOf([0, 10, PROBATION - 1])).toBe(0);
    expect(scoreOf([PROBATION])).toBeLessThan(0);
  });

  it('never rises by a detection outside of windows, and never exceeds 100', () => {
    const index = fc.integer({ min: 0, max: LENGTH - 1 });
    fc.assert(
      fc.property(fc.uniqueArray(index, { maxLength: 20 }), index, (indexes, further) => {
        const detections = indexes.toSorted((a, b) => a - b);
        expect(scoreOf(detections)).toBeLessThanOrEqual(100 + 1e-9);
        if (windows.some(([first, last]) => further >= first && further <= last)) return;
        const more = [...detections, further].sort((a, b) => a - b);
        expect(scoreOf(more)).toBeLessThanOrEqual(scoreOf(detections));
      }),
    );
  });
});

describe('alarms', () => {
  it('come no more often than the refractory period lets them, at or above the threshold', () => {
    const scores = [0, 5, 5, 5, 0, 5, 4.9, 5];
    expect(alarmsOf(scores, 5, 0)).toEqual([1, 2, 3, 5, 7]);
    expect(alarmsOf(scores, 5, 1)).toEqual([1, 3, 5, 7]);
    expect(alarmsOf(scores, 5, 3)).toEqual([1, 5]);
    expect(alarmsOf(scores, 6, 0)).toEqual([]);
  });
});
