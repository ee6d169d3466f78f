import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

const many = <T>(count: number, next: (k: number) => T) => Array.from({ length: count }, (_, k) => next(k));

describe('drift monitor', () => {
  it.each([1, 2, 3])('takes no coming back from a new level for a drift, and a drift for one (seed %i)', (seed) => {
    const random = new RandomGenerator(seed, 'noise');
    const at = (level: number): [number] => [level + random.nextNormal()];
    const { watch, read } = reader(
      'drift',
      ['level'],
      many(5000, () => at(20)),
    );
    many(20, () => read(at(28)));
    watch.moved({ low: Float64Array.of(8), high: Float64Array.of(48), rise: Float64Array.of(8) });
    many(1500, () => read(at(28)));
    expect(many(3000, () => read(at(20)).anomaly)).not.toContain(true);
    expect(many(1500, (k) => read(at(20 - k / 100)).anomaly)).toContain(true);
  });
});
