import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

const LEVELS = [30, 50, 80];

/** A number that stays at one of three levels for 120 … 300 readings, with noise; `hangs`: for ever. */
function pump(seed: number) {
  const random = new RandomGenerator(seed, 'pump');
  let [level, left] = [30, 100];
  return (hangs = false): [number] => {
    if (!hangs && --left <= 0) {
      level = LEVELS.filter((each) => each !== level)[random.nextInteger(2)]!;
      left = 120 + random.nextInteger(180);
    }
    return [level + 0.5 * random.nextNormal()];
  };
}

const many = <T>(count: number, next: () => T) => Array.from({ length: count }, next);

describe('stay monitor', () => {
  it.each([1, 2, 3])('finds a state that lasts more than four times as long as any did (seed %i)', (seed) => {
    const next = pump(seed);
    const { read } = reader(
      'stay',
      ['flow'],
      many(8000, () => next()),
    );
    expect(many(5000, () => read(next()).anomaly)).not.toContain(true);
    const hanging = many(1500, () => read(next(true)));
    const first = hanging.findIndex(({ anomaly }) => anomaly);
    expect(first).toBeGreaterThan(400);
    expect(hanging[first]!.reason).toMatch(/^flow has been between [\d.]+ and [\d.]+ for \d+ readings, usually for /);
    const [, run, usual] = /for (\d+) readings, usually for (\d+) at most$/.exec(hanging[first]!.reason!)!;
    expect(Number(run) / Number(usual)).toBeCloseTo(4, 1);
    expect(Number(usual)).toBeGreaterThan(200);
    expect(Number(usual)).toBeLessThan(350);
  });

  it.each([
    ['noise', (random: RandomGenerator) => random.nextNormal()],
    ['a walk', (random: RandomGenerator, before: number) => before + 0.1 * random.nextNormal()],
    ['a number that never moves', () => 5],
  ])('hardly ever has a say of %s', (_, step) => {
    let alarms = 0;
    for (const seed of [1, 2, 3]) {
      const random = new RandomGenerator(seed, 'stream');
      let value = 20;
      const next = (): [number] => {
        value = step(random, value);
        return [value];
      };
      const { verdicts } = reader('stay', ['level'], many(20_000, next));
      alarms += verdicts.filter(({ alarm }) => alarm).length;
    }
    expect(alarms).toBeLessThanOrEqual(1);
  });
});
