import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { reader } from '../reader.test-data.ts';

/** Readings of two channels: between −1 and 1, and between 0 and 10. */
const usual = (count: number) => Array.from({ length: count }, (_, k) => [Math.sin(k), 5 + 5 * Math.cos(k)]);

describe('extremum monitor', () => {
  it('flags a number more than 5 % of the range beyond, of two channels ln 2 / (2 ln n) more, on either side', () => {
    const slack = 10 * (Math.log(2) / (2 * Math.log(600)));
    for (const [values, flagged] of [
      [[1 + slack / 5 + 0.08, 5], false],
      [[1 + slack / 5 + 0.12, 5], true],
      [[-1 - slack / 5 - 0.12, 5], true],
      [[0, 10.4 + slack], false],
      [[0, 10.6 + slack], true],
      [[0, -0.6 - slack], true],
    ] as const) {
      const { read } = reader('extremum', ['level', 'flow'], usual(600));
      expect([values, read(values).anomaly]).toEqual([values, flagged]);
      const alone = reader(
        'extremum',
        ['flow'],
        usual(600).map(([, flow]) => [flow!]),
      );
      if (values[0] === 0) expect(alone.read([values[1] - Math.sign(values[1]) * slack]).anomaly).toBe(flagged);
    }
  });

  it('flags as few of 1000 readings of 26 exponential channels as theory says of one: 1.3, and not 35', () => {
    const random = new RandomGenerator(1, 'extremum');
    const exponential = () => Math.log(random.nextUniform()) * (random.nextUniform() < 0.5 ? 1 : -1);
    for (const channels of [1, 26]) {
      const names = Array.from({ length: channels }, (_, k) => `channel ${k}`);
      const flagged = Array.from({ length: 8 }, () => {
        const { verdicts } = reader(
          'extremum',
          names,
          Array.from({ length: 1400 }, () => names.map(exponential)),
        );
        return verdicts.slice(400).filter(({ anomaly }) => anomaly).length;
      });
      // Σ 2/n · n^−0.1 from 400 to 1400: a new end is 2 in n, and one 0.05 widths farther out n^−0.1 as frequent.
      const mean = flagged.reduce((sum, count) => sum + count, 0) / flagged.length;
      expect([channels, mean > 0.4 && mean < 3]).toEqual([channels, true]);
    }
  });

  it('says what was never so', () => {
    const { read } = reader('extremum', ['level', 'flow'], usual(600));
    expect(read([0, 15]).reason).toMatch(/^flow is 15, never above (10|9\.99\d*) before$/);
    expect(read([-3, 5]).reason).toMatch(/^level is -3, never below -(1|0\.99\d*) before$/);
  });

  it('finds a fault after twenty outliers, and after "normal" to an absurd reading', () => {
    const { read, watch } = reader('extremum', ['level', 'flow'], usual(600));
    for (let k = 0; k < 20; k++) read([65, 5]);
    expect(read([12, 5]).anomaly).toBe(true);
    read([1e9, 5]);
    watch.acceptLast();
    for (const values of usual(5001)) read(values);
    expect(read([40, 5]).anomaly).toBe(true);
  });

  it('has a score for an endless stream of one number, and for the number that is not it', () => {
    const { read } = reader(
      'extremum',
      ['level'],
      Array.from({ length: 600 }, () => [7]),
    );
    expect(read([7]).anomaly).toBe(false);
    expect(read([7.1]).anomaly).toBe(true);
  });
});
