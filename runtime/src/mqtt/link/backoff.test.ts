import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { backoffDelay } from './backoff.ts';

const BACKOFF = { base: 500, cap: 30_000 };

function sample(attempt: number, count: number): number[] {
  const random = new RandomGenerator(7, 'backoff.test');
  return Array.from({ length: count }, () => backoffDelay(attempt, BACKOFF, () => random.nextUniform()));
}

describe('backoffDelay', () => {
  it.each([
    [0, 500],
    [1, 1000],
    [3, 4000],
    [6, 30_000],
    [2000, 30_000],
  ])('is uniform below min(cap, base·2^attempt): attempt %i, bound %i ms', (attempt, bound) => {
    const delays = sample(attempt, 10_000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThan(bound);
    for (const tenth of Array.from({ length: 10 }, (_, i) => i)) {
      const share = delays.filter((delay) => Math.floor((delay / bound) * 10) === tenth).length / delays.length;
      // Six standard deviations of a binomial share of 0.1 among 10,000.
      expect(Math.abs(share - 0.1)).toBeLessThan(0.018);
    }
  });

  it('follows its generator exactly', () => {
    expect(backoffDelay(2, BACKOFF, () => 0.25)).toBe(500);
    expect(backoffDelay(20, BACKOFF, () => 0.5)).toBe(15_000);
    expect(backoffDelay(5, BACKOFF, () => 0)).toBe(0);
  });
});
