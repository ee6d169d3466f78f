import { reportLines } from '@spikewire/exchange/report';
import { describe, expect, it } from 'vitest';
import type { FeaturedSet } from '../samples/featured.ts';
import { everyNth } from './learning-curve.ts';
import { recordingsOutcome } from './outcome.ts';
import type { DividedWindows } from './read-windows.ts';
import { recordingsReport } from './report.ts';
import { trialsFor, wilson } from './wilson.ts';

describe("Wilson's interval", () => {
  // Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d', (found, of, low, high) => {
    const interval = wilson(found / of, of);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it.each([0, 0.31, 0.5, 0.97, 1])('of %d is as narrow as wanted after so many trials and no fewer', (share) => {
    const n = trialsFor(share, 0.2);
    const widthAt = (trials: number) => wilson(share, trials).high - wilson(share, trials).low;
    expect(widthAt(n)).toBeLessThanOrEqual(0.2);
    expect(widthAt(n - 1)).toBeGreaterThan(0.2);
  });
});

describe('a part of what is learned', () => {
  it('is whole recordings, of each class, or samples where there are few', () => {
    const labels = Int32Array.of(0, 0, 0, 0, 1, 1, 1);
    const samples = Array.from(labels, (_, k) => [k]);
    const kept = everyNth({ samples, labels }, [7, 7, 8, 9, 5, 5, 5], 2);
    expect(kept.samples).toEqual([[0], [1], [3], [4], [6]]);
    expect([...kept.labels]).toEqual([0, 0, 0, 1, 1]);
  });
});

/** Of each class 8 recordings of a window each, told by one number: 5 are learned, 1 chooses, 2 test. */
function example() {
  const labels = Int32Array.from({ length: 16 }, (_, k) => k >> 3);
  const sources = Int32Array.from(labels, (_, k) => k);
  const recordings = Array.from(labels, (label, k) => ({ path: `${k}`, label: 'ab'[label]!, samples: [] }));
  const nth = (of: readonly number[]) => [...labels.keys()].filter((k) => of.includes(k % 8));
  const parts = { learned: nth([0, 1, 2, 3, 4]), validation: nth([5]), tested: nth([6, 7]) };
  const part = (indices: readonly number[]) => ({
    samples: indices.map((k) => [10 * labels[k]! + (k % 3)]),
    labels: Int32Array.from(indices, (k) => labels[k]!),
  });
  const data = { ...part(parts.tested), training: part(parts.learned), validation: part(parts.validation) };
  const windows = { classes: ['a', 'b'], labels, sources, recordings };
  return [{ windows, parts, choice: { split: 'recording' } }, { data }] as unknown as [DividedWindows, FeaturedSet];
}

it('says what was named, what was learned of, and what it would need', () => {
  const [divided, featured] = example();
  // Of a both are right; of b one is called a and one is called nothing.
  const outcome = recordingsOutcome(divided, featured, [0, 0, 0, -1]);
  expect(outcome).toMatchObject({
    confusion: [
      [2, 0],
      [1, 0],
    ],
    tested: 4,
    testRecordings: 4,
    accuracy: 0.5,
    majority: 0.5,
    baselines: [{ accuracy: 1 }, { accuracy: 1 }],
    curve: [{ learned: 4 }, { learned: 6 }, { learned: 10 }],
  });
  expect(outcome.curve.map(({ accuracy }) => accuracy)).toEqual([1, 1, 1]);
  const [a, b] = outcome.classes;
  expect(a).toMatchObject({
    name: 'a',
    recordings: 8,
    testRecordings: 2,
    learned: 5,
    validation: 1,
    tested: 2,
    recall: 1,
  });
  expect(b).toMatchObject({ recall: 0, gain: 0, moreToLearn: 0 });
  // All right: 16 tests narrow it to 1/(1 + 1.96²/16) = 0.806…1, and one recording of four is a test.
  expect(a!.moreToKnow).toBe(4 * (16 - 2));
  const lines = reportLines(recordingsReport(outcome, divided, { trained: 0.75, unknown: 1 }));
  expect(lines).toContain('a  2  0  100.00 %');
  expect(lines.some((line) => /^what it calls "unknown"\s+25.00 %/.test(line))).toBe(true);
  expect(lines.some((line) => /^its output as trained\s+75.00 %/.test(line))).toBe(true);
  expect(
    lines.some((line) => /^a\s+100.00 %\s+34.24 % to 100.00 %\s+0.0 points\s+56 recordings\s+none/.test(line)),
  ).toBe(true);
});
