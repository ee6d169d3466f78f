import { describe, expect, it } from 'vitest';
import { reader } from './reader.test-data.ts';

/** Readings of two channels: between −1 and 1, and between 0 and 10. */
const usual = (count: number) => Array.from({ length: count }, (_, k) => [Math.sin(k), 5 + 5 * Math.cos(k)]);

describe('extremum monitor', () => {
  it('flags a number more than 5 % of the range beyond it, on either side, of any channel', () => {
    for (const [values, flagged] of [
      [[1.08, 5], false],
      [[1.12, 5], true],
      [[-1.12, 5], true],
      [[0, 10.4], false],
      [[0, 10.6], true],
      [[0, -0.6], true],
    ] as const) {
      const { read } = reader('extremum', ['level', 'flow'], usual(600));
      expect([values, read(values).anomaly]).toEqual([values, flagged]);
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
    for (const values of usual(2001)) read(values);
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
