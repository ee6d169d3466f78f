import { describe, expect, it } from 'vitest';
import { evidenceOfNotWorse, evidenceOfWorse, type PairedCounts } from './paired-evidence.ts';

describe('evidence about a pair of models', () => {
  it('is 1 before the first reading', () => {
    expect(evidenceOfWorse({ gained: 0, lost: 0, same: 0 }, 0.005)).toBe(1);
    expect(evidenceOfNotWorse({ gained: 0, lost: 0, same: 0 }, 0.02)).toBeCloseTo(1, 12);
  });

  it('is the mean of the bets, written out', () => {
    const stakes = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7];
    const product = (stake: number) => (1 + stake * 0.995) ** 3 * (1 - stake * 1.005) * (1 - stake * 0.005) ** 10;
    const mean = stakes.reduce((sum, stake) => sum + product(stake), 0) / stakes.length;
    expect(evidenceOfWorse({ gained: 1, lost: 3, same: 10 }, 0.005)).toBeCloseTo(mean, 9);
  });

  // A bet is fair where the margin is the truth: its mean over all that may happen is what was staked.
  it.each([
    [0.005, 0.1, evidenceOfWorse],
    [0.02, 0.06, evidenceOfNotWorse],
    [0.02, 0.5, evidenceOfNotWorse],
  ])('has the mean 1 where the margin %f is the truth', (margin, lost, evidence) => {
    expect(meanOver(7, { lost, gained: lost - margin }, (counts) => evidence(counts, margin))).toBeCloseTo(1, 9);
  });

  it('loses against a new model that is better, and one that is worse by less', () => {
    const mean = meanOver(7, { lost: 0.05, gained: 0.1 }, (counts) => evidenceOfWorse(counts, 0.005));
    expect(mean).toBeLessThan(1);
    expect(meanOver(7, { lost: 0.1, gained: 0.05 }, (counts) => evidenceOfNotWorse(counts, 0.02))).toBeLessThan(1);
  });

  it('stays a number, however many readings agree', () => {
    expect(evidenceOfNotWorse({ gained: 1e6, lost: 0, same: 1e9 }, 0.02)).toBeGreaterThan(1e300);
    expect(evidenceOfNotWorse({ gained: 1e6, lost: 0, same: 1e9 }, 0.02)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(evidenceOfWorse({ gained: 1e6, lost: 0, same: 1e9 }, 0.02)).toBeGreaterThanOrEqual(0);
  });
});

/** The mean over all sequences of so many readings: they differ only by their counts. */
function meanOver(
  readings: number,
  { lost: p, gained: q }: { lost: number; gained: number },
  value: (counts: PairedCounts) => number,
): number {
  let mean = 0;
  for (let lost = 0; lost <= readings; lost++) {
    for (let gained = 0; gained <= readings - lost; gained++) {
      const same = readings - lost - gained;
      const ways = factorial(readings) / (factorial(lost) * factorial(gained) * factorial(same));
      mean += ways * p ** lost * q ** gained * (1 - p - q) ** same * value({ lost, gained, same });
    }
  }
  return mean;
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
