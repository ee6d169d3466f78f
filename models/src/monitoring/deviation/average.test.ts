import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

/** A press: 80 for a quarter of each 117 … 123 readings, else 0. */
function press(seed: number) {
  const random = new RandomGenerator(seed, 'press');
  let [at, length] = [0, 120];
  return (more = 0): [number] => {
    at += 1;
    if (at >= length) [at, length] = [0, 117 + random.nextInteger(7)];
    return [(at < length / 4 ? 80 : 0) + more + 0.5 * random.nextNormal()];
  };
}

const many = <T>(count: number, next: (k: number) => T) => Array.from({ length: count }, (_, k) => next(k));

describe('average monitor', () => {
  it.each([1, 2, 3])('finds a drift that cycles of a hundred times the noise hide (seed %i)', (seed) => {
    const next = press(seed);
    const { read } = reader(
      'average',
      ['force'],
      many(8000, () => next()),
    );
    expect(many(5000, () => read(next()).anomaly)).not.toContain(true);
    const drifting = many(1500, (k) => read(next((80 * k) / 1500)));
    const first = drifting.findIndex(({ anomaly }) => anomaly);
    expect(first).toBeGreaterThan(0);
    expect(drifting[first]!.reason).toMatch(/^force is [\d.]+ on average over 250 readings, usually (19|20|21)/);
  });

  it('is the mean of the last 250 readings, anew every 25', () => {
    const { read } = reader(
      'average',
      ['level'],
      many(4000, (k) => [k % 2]),
    );
    const verdicts = many(250, () => read([101]));
    // A deviation is at least a tenth of a reading's, half a unit from 0.5.
    for (const k of [24, 49, 124, 249]) {
      const moved = (100.5 * (k + 1)) / 250;
      expect(verdicts[k]!.score / moved).toBeGreaterThan(1 / 0.06);
      expect(verdicts[k]!.score / moved).toBeLessThan(1 / 0.045);
    }
    expect(verdicts[23]!.score).toBe(0);
  });

  it('starts anew where a channel has come to a new level', () => {
    const next = press(4);
    const { watch, read } = reader(
      'average',
      ['force'],
      many(8000, () => next()),
    );
    many(20, () => read(next(40)));
    watch.moved({ low: Float64Array.of(40), high: Float64Array.of(120), rise: Float64Array.of(40) });
    expect(many(3000, () => read(next(40)).anomaly)).not.toContain(true);
    // And where it comes back, also long after.
    expect(many(12_000, () => read(next()).anomaly).slice(250)).not.toContain(true);
  });

  it.each([1, 2, 3])('does not take a walk for news (seed %i)', (seed) => {
    const random = new RandomGenerator(seed, 'walk');
    let value = 20;
    const { verdicts } = reader(
      'average',
      ['level'],
      many(20_000, () => {
        value += 0.1 * random.nextNormal();
        return [value];
      }),
    );
    expect(verdicts.filter(({ alarm }) => alarm).length).toBeLessThanOrEqual(1);
  });
});
