import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

/** Two levels, 3 and 7, each with a little noise. */
function twoLevels(count: number) {
  const random = new RandomGenerator(1, 'levels');
  return Array.from({ length: count }, () => [(random.nextUniform() < 0.5 ? 3 : 7) + 0.05 * random.nextNormal()]);
}

describe('surprise monitor', () => {
  it('is −ln of a probability: the intervals of any stream together have 1', () => {
    for (const past of [twoLevels(3000), twoLevels(30), Array.from({ length: 20_000 }, (_, k) => [(k % 7) ** 2])]) {
      const { read, watch } = reader('surprise', ['level'], past, { warmUp: 1 });
      const [mean, variance] = watch.state.neurons0!.view as unknown as [number, number];
      const middles = Array.from({ length: 64 }, (_, k) => {
        return mean + (Math.sqrt(variance) * Math.sinh(4 * ((2 * k) / 63 - 1))) / 1.5;
      });
      const sum = middles.reduce((total, x) => total + Math.exp(-read([x], false).score), 0);
      expect(sum).toBeCloseTo(1, 9);
    }
  });

  it('habituates the neighbours of an interval by a Gaussian of 0.8 intervals, one reading in all', () => {
    const { watch } = reader('surprise', ['level'], [[3]], { warmUp: 1 });
    const habituation = [...watch.state.neurons0!.view].slice(3);
    const middle = habituation.indexOf(Math.max(...habituation));
    for (const d of [-2, -1, 1, 2])
      expect(habituation[middle + d]! / habituation[middle]!).toBeCloseTo(Math.exp(-(d ** 2) / (2 * 0.8 ** 2)), 2);
    expect(habituation.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
  });

  it('flags what lies between levels, where no threshold and no extremum is', () => {
    const { read, verdicts } = reader('surprise', ['level'], twoLevels(3000), { sensitivity: 6 });
    expect(verdicts.filter(({ anomaly }) => anomaly).length).toBeLessThan(5);
    expect(read([5], false)).toMatchObject({ anomaly: true, reason: 'level is 5, where it seldom was' });
    expect(read([3], false).anomaly).toBe(false);
    const extremum = reader('extremum', ['level'], twoLevels(3000));
    expect(extremum.read([5]).anomaly).toBe(false);
  });

  it('habituates to what comes again and again, and recovers', () => {
    const { read } = reader('surprise', ['level'], twoLevels(3000));
    const scores = Array.from({ length: 200 }, () => read([5]).score);
    expect(scores.at(-1)).toBeLessThan(scores[0]! - 3);
    for (const values of twoLevels(8000)) read(values);
    expect(read([5]).score).toBeGreaterThan(scores.at(-1)! + 2);
  });

  it('knows what comes once in an hour also after hours at rest', () => {
    const random = new RandomGenerator(2, 'cycle');
    const cycle = (k: number) => [(k % 1000 < 100 ? 400 : k % 1000 < 500 ? 2000 : 5) + 2 * random.nextNormal()];
    const { read } = reader(
      'surprise',
      ['power'],
      Array.from({ length: 8000 }, (_, k) => cycle(k)),
    );
    for (let k = 0; k < 3000; k++) read([5 + 2 * random.nextNormal()]);
    const again = Array.from({ length: 1000 }, (_, k) => read(cycle(k)).score);
    expect(Math.max(...again)).toBeLessThan(8);
  });

  it('tells numbers apart also where it has known a machine at rest alone for long', () => {
    const random = new RandomGenerator(3, 'machine');
    const around = (level: number, deviation: number) => [level + deviation * random.nextNormal()];
    const { read } = reader(
      'surprise',
      ['pressure'],
      Array.from({ length: 4000 }, () => around(0, 0.01)),
    );
    for (let k = 0; k < 20_000; k++) read(around(50, 5));
    expect(read([52]).score).toBeLessThan(8);
    expect(read([500]).anomaly).toBe(true);
  });

  it.each([undefined, 12])('knows where a channel has often been, whatever its sensitivity: %s', (sensitivity) => {
    const settings = sensitivity === undefined ? {} : { sensitivity };
    const { watch } = reader('surprise', ['level'], twoLevels(3000), settings);
    expect([3, 7, 5, 20, 1e9].map((number) => watch.hasBeenAt(0, number))).toEqual([true, true, false, false, false]);
    const { watch: young } = reader('surprise', ['level'], twoLevels(15), settings);
    expect(young.hasBeenAt(0, 1e9)).toBe(false);
  });
});
