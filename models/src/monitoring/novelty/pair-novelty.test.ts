import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

/** A cycle of levels that lie far apart, with a little noise. */
function cycle(count: number, levels: readonly number[]) {
  const random = new RandomGenerator(1, 'cycle');
  return Array.from({ length: count }, (_, k) => [levels[k % levels.length]! + 0.02 * random.nextNormal()]);
}

describe('pair novelty monitor', () => {
  const forwards = [0, 3, 6, 9, 12];
  const backwards = [...forwards].reverse();

  it('flags the same levels in another order, once they come so for a while, and then knows it', () => {
    const { read, verdicts } = reader('pair-novelty', ['level'], cycle(1500, forwards));
    expect(verdicts.some(({ anomaly }) => anomaly)).toBe(false);
    const turned = cycle(1500, backwards).map((values) => read(values));
    expect(turned.slice(0, 12).some(({ anomaly }) => anomaly)).toBe(true);
    expect(turned.slice(40).some(({ anomaly }) => anomaly)).toBe(false);
    expect(turned.find(({ reason }) => reason)!.reason).toBe('level makes steps that it has not made for long');
  });

  it('finds them half new again after three thousand readings without them', () => {
    const novelty = (pause: number) => {
      const { read } = reader('pair-novelty', ['level'], cycle(1500, forwards));
      for (const values of cycle(pause, backwards)) read(values);
      return Math.max(...cycle(10, forwards).map((values) => read(values).score));
    };
    // Of a mean of ten nine are half new, not hardly, and one leads from one order into the other: 0.55 / 0.13.
    expect(novelty(3000) / novelty(100)).toBeGreaterThan(3);
  });

  it('knows of each channel on its own', () => {
    const both = (count: number, first: readonly number[], second: readonly number[]) => {
      const [a, b] = [cycle(count, first), cycle(count, second)];
      return a.map(([x], k) => [x!, b[k]![0]!]);
    };
    const { read } = reader('pair-novelty', ['left', 'right'], both(1500, forwards, backwards));
    const reasons = both(20, forwards, forwards).flatMap((values) => read(values).reason ?? []);
    expect(new Set(reasons)).toEqual(new Set(['right makes steps that it has not made for long']));
  });
});
