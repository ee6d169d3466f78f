import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

/** Two numbers of which each wanders between −2 and 2 or so, and the second follows the first as `sign` says. */
function pairs(seed: number) {
  const random = new RandomGenerator(seed, 'pairs');
  let value = 0;
  return (sign = 1): [number, number] => {
    value = 0.9 * value + 0.4 * random.nextNormal();
    return [value, sign * value + 0.05 * random.nextNormal()];
  };
}

const many = <T>(count: number, next: () => T) => Array.from({ length: count }, next);

describe('relation monitor', () => {
  it.each([1, 2, 3])('finds two channels that go against each other, each as usual alone (seed %i)', (seed) => {
    const next = pairs(seed);
    const { read } = reader(
      'relation',
      ['flow', 'pressure'],
      many(5000, () => next()),
    );
    const quiet = many(2000, () => read(next()).anomaly).filter(Boolean).length;
    const flipped = many(200, () => read(next(-1)));
    const first = flipped.findIndex(({ anomaly }) => anomaly);
    expect(quiet).toBe(0);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(100);
    expect(flipped[first]!.reason).toBe('flow and pressure do not go together as usual');
  });

  it('finds it of any two neighbours among several, also of the last and the first', () => {
    for (const flipped of [0, 1, 2]) {
      const streams = [pairs(1), pairs(2), pairs(3)];
      // All three follow the first stream; one of them with the other sign.
      const values = (sign: number) => {
        const drawn = streams.map((next) => next());
        const base = drawn[0]![0];
        return [0, 1, 2].map((c) => (c === flipped ? sign : 1) * base + 0.05 * drawn[c]![0]);
      };
      const { read } = reader(
        'relation',
        ['a', 'b', 'c'],
        many(5000, () => values(1)),
      );
      expect(many(200, () => read(values(-1)).anomaly)).toContain(true);
    }
  });

  it('says nothing of one channel', () => {
    const { verdicts } = reader(
      'relation',
      ['level'],
      many(10, () => [1]),
    );
    expect(verdicts).toEqual(many(10, () => undefined));
  });
});
