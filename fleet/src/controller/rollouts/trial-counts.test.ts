import fc from 'fast-check';
import type { ReportedWay } from 'spikewire/agent';
import { expect, it } from 'vitest';
import { DEFAULT_PLAN } from './plan.ts';
import { NOTHING_COUNTED, withReported } from './trial-counts.ts';

const NEW = 'b'.repeat(64);
const ROLLOUT = { sha256: NEW, plan: JSON.stringify(DEFAULT_PLAN) };

function way(counts: Partial<ReportedWay> = {}): ReportedWay {
  return {
    ...{ carrying: 'carry', compared: 0, differed: 0, labelled: 0, gained: 0, lost: 0, ended: null },
    ...counts,
  };
}

const reported = (...ways: ReportedWay[]) => ({ sha256: NEW, ways, begun: 'a' });

it('adds the counts of the probation to those of the trial, and repeats do not count', () => {
  const trial = reported(way({ compared: 100, differed: 10, labelled: 5, gained: 2, lost: 1 }));
  const probation = reported(way({ compared: 50, differed: 4, labelled: 4, gained: 1, lost: 3 }));
  const tried = withReported(NOTHING_COUNTED, ROLLOUT, trial, false);
  expect(tried).toMatchObject({ compared: 100, gained: 2, lost: 1 });
  const installed = withReported(tried, ROLLOUT, probation, true);
  expect(installed).toMatchObject({ compared: 150, differed: 14, labelled: 9, gained: 3, lost: 4 });
  expect(withReported(installed, ROLLOUT, probation, true)).toEqual(installed);
  expect(withReported(installed, ROLLOUT, null, false)).toEqual(installed);
});

it('adds up the runs of a trial that begins anew, and counts nothing twice that a device has lost', () => {
  const run = (begun: string, compared: number, lost: number) => {
    const counts = { compared, differed: compared, labelled: compared, lost };
    return { ...reported(way(counts)), begun };
  };
  let counts = withReported(NOTHING_COUNTED, ROLLOUT, run('a', 100, 5), false);
  counts = withReported(counts, ROLLOUT, run('b', 10, 1), false);
  expect(counts).toMatchObject({ compared: 110, lost: 6 });
  // Power was lost before the device saved its newest counts.
  expect(withReported(counts, ROLLOUT, run('b', 8, 1), false)).toBe(counts);
  counts = withReported(counts, ROLLOUT, run('b', 200, 2), false);
  expect(counts).toMatchObject({ compared: 300, lost: 7 });
  counts = withReported(counts, ROLLOUT, run('c', 30, 3), true);
  counts = withReported(counts, ROLLOUT, run('d', 1, 0), false);
  expect(counts).toMatchObject({ compared: 331, lost: 10 });
});

it('takes the way that the plan wants, or the one that there is, and nothing of another base', () => {
  const [rebase, carry] = [way({ carrying: 'rebase', compared: 7 }), way({ compared: 9 })];
  const comparedOf = (...ways: ReportedWay[]) =>
    withReported(NOTHING_COUNTED, ROLLOUT, reported(...ways), false).compared;
  expect(comparedOf(rebase, carry)).toBe(9);
  expect(comparedOf(rebase)).toBe(7);
  expect(comparedOf()).toBe(0);
  const other = { ...reported(carry), sha256: 'c'.repeat(64) };
  expect(withReported(NOTHING_COUNTED, ROLLOUT, other, false)).toBe(NOTHING_COUNTED);
});

it('keeps sums exact, and no count above the one it is part of, whatever a device says', () => {
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const any = fc.record({ compared: count, differed: count, labelled: count, gained: count, lost: count });
  fc.assert(
    fc.property(any, any, (trial, probation) => {
      const tried = withReported(NOTHING_COUNTED, ROLLOUT, reported(way(trial)), false);
      for (const counts of [tried, withReported(tried, ROLLOUT, reported(way(probation)), true)]) {
        const { compared, differed, labelled, gained, lost } = counts;
        expect(compared).toBeLessThanOrEqual(1e9);
        expect(differed).toBeLessThanOrEqual(compared);
        expect(labelled).toBeLessThanOrEqual(differed);
        expect(gained + lost).toBeLessThanOrEqual(labelled);
      }
    }),
  );
});
