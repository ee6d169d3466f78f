import { describe, expect, it } from 'vitest';
import { drive, intervals } from './drive.ts';

describe('Hodgkin–Huxley', () => {
  it.each([
    ['rk4', 1e-5],
    ['rk4', 5e-5],
    ['euler', 1e-5],
  ] as const)('%s with dt %d fires at 68 Hz at 10 µA/cm²', (integrate, dt) => {
    const { spikes } = drive('HodgkinHuxley', { v_initial: -65 }, { dt, integrate }, 0.5 / dt, () => 10);
    const gaps = intervals(spikes).slice(5);
    const rate = gaps.length / (gaps.reduce((sum, gap) => sum + gap, 0) * dt);
    // The golden run has intervals of 14.636 ms.
    expect(Math.abs(rate - 68.3)).toBeLessThan(0.5);
  });

  it('rests at −65 mV, gates at their steady state, also at the voltages where a rate is 0/0', () => {
    const still = drive('HodgkinHuxley', { v_initial: -65 }, { dt: 1e-5, integrate: 'rk4' }, 5000, () => 0);
    expect(still.spikes).toEqual([]);
    for (const v of still.v) expect(Math.abs(v + 65)).toBeLessThan(0.02);
    for (const v_initial of [-40, -55]) {
      const { state } = drive('HodgkinHuxley', { v_initial }, { dt: 1e-9, integrate: 'euler' }, 1, () => 0);
      // With α → 1 (m at −40) and 0.1 (n at −55) in the limit.
      const open = {
        m: v_initial === -40 ? 1 : 1.5 / Math.expm1(1.5),
        n: v_initial === -55 ? 0.1 : 0.15 / -Math.expm1(-1.5),
      };
      const close = { m: 4 * Math.exp(-(v_initial + 65) / 18), n: 0.125 * Math.exp(-(v_initial + 65) / 80) };
      expect(state.m![0]).toBeCloseTo(open.m / (open.m + close.m), 5);
      expect(state.n![0]).toBeCloseTo(open.n / (open.n + close.n), 5);
    }
  });

  it('rests where the currents of the paper, whose leak reverses 10.613 mV above −65 mV, add up to 0', () => {
    const { v } = drive('HodgkinHuxley', { v_initial: -65 }, { dt: 5e-5, integrate: 'rk4' }, 4000, () => 0);
    // Root of the total current with gates at their steady state, by bisection outside of this project.
    expect(v.at(-1)).toBeCloseTo(-64.996379, 4);
  });

  it('stays a number with steps that are far too long and currents that are absurd', () => {
    for (const integrate of ['euler', 'rk4'] as const) {
      const currents = [1e30, -1e30, 10, Number.MAX_VALUE];
      const { v, state } = drive('HodgkinHuxley', {}, { dt: 1e-3, integrate }, 400, (t) => currents[t % 4]!);
      for (const values of [v, ...Object.values(state)]) expect(values.every(Number.isFinite)).toBe(true);
    }
  });
});
