import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { AnomalyScore } from './anomaly-score.ts';
import { cusum } from './cusum.ts';
import { firstReadingsZ } from './first-readings-z.ts';
import { halfSpaceTrees } from './half-space-trees.ts';
import { IsolationForest, isolationForest, meanPath } from './isolation-forest.ts';
import { RunningMoments } from './running-moments.ts';
import { runningZScore } from './running-z-score.ts';

/** Readings of two independent channels, normal with mean 5 and deviation 2. */
function normal(count: number, seed = 1) {
  const random = new RandomGenerator(seed, 'readings');
  return Array.from({ length: count }, () => [5 + 2 * random.nextNormal(), 5 + 2 * random.nextNormal()]);
}

describe('running moments', () => {
  it('are mean and deviation of all values while the memory lasts', () => {
    const values = normal(500).map(([x]) => x!);
    const moments = new RunningMoments(1000);
    for (const value of values) moments.add(value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(moments.deviationsOf(mean + 3 * deviation)).toBeCloseTo(3, 3);
  });
});

describe('isolation forest', () => {
  it('has the mean path of a failed search in a binary tree', () => {
    // 2(H(n−1)) − 2(n−1)/n with the harmonic number itself.
    const harmonic = (n: number) =>
      Array.from({ length: n }, (_, k) => 1 / (k + 1)).reduce((sum, each) => sum + each, 0);
    for (const n of [50, 256]) expect(meanPath(n)).toBeCloseTo(2 * harmonic(n - 1) - (2 * (n - 1)) / n, 1);
    expect([meanPath(1), meanPath(2)]).toEqual([0, 1]);
  });

  it('gives about a half to what is everywhere alike, more to what lies apart', () => {
    const points = normal(256).map((point) => Float64Array.from(point));
    const forest = new IsolationForest(points, new RandomGenerator(1, 'test'));
    expect(forest.scoreOf(Float64Array.of(5, 5))).toBeLessThan(0.5);
    expect(forest.scoreOf(Float64Array.of(25, -15))).toBeGreaterThan(0.7);
  });
});

describe('scores of anomalies', () => {
  const all: readonly (readonly [string, () => AnomalyScore])[] = [
    ['CUSUM', () => cusum(2)],
    ['z-score', () => runningZScore(2)],
    ['slow z', () => runningZScore(2, 5)],
    ['z² of the first', () => firstReadingsZ(2)],
    ['isolation forest', () => isolationForest(2, 1)],
    ['half-space trees', () => halfSpaceTrees(2, 1)],
  ];

  it.each(all)('%s: ten readings far away are above nearly all that were usual', (_, start) => {
    const detector = start();
    const usual = normal(3000).map((values) => detector.scoreOf(values));
    const limit = usual.slice(1000).sort((a, b) => a - b)[1980]!;
    const far = Array.from({ length: 10 }, () => detector.scoreOf([40, 5]));
    expect(Math.max(...far)).toBeGreaterThan(limit);
    expect(far.at(-1)).toBeGreaterThan(limit);
  });

  it('CUSUM adds up a small shift that no z-score sees', () => {
    const score = (start: () => AnomalyScore) => {
      const detector = start();
      for (const values of normal(2000)) detector.scoreOf(values);
      return Math.max(...normal(60, 2).map(([x, y]) => detector.scoreOf([x! + 3, y!])));
    };
    expect(score(() => cusum(2))).toBeGreaterThan(20);
    expect(score(() => runningZScore(2))).toBeLessThan(6);
  });
});
