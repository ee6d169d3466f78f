import { describe, expect, it } from 'vitest';
import { drive, intervals } from './drive.ts';

/** The cell of Brette & Gerstner (2005) in mV, nA, µS, MΩ and s. */
const paper = {
  tau: 0.281 / 30,
  r: 1000 / 30,
  v_leak: -70.6,
  v_threshold: -50.4,
  delta_t: 2,
  v_peak: 20,
  v_reset: -70.6,
  tau_w: 0.144,
  a: 0.004,
  b: 0.0805,
};

/**
 * Spike times by Runge–Kutta in steps of `h`, written from the paper in its own units (pF, nS, mV, pA, ms), V held for
 * `rest` ms.
 */
function integrateApart(
  cell: typeof paper,
  current: (ms: number) => number,
  { ms, h, rest = 0 }: { ms: number; h: number; rest?: number },
): number[] {
  const [C, gL] = [281, 30];
  const [EL, VT, DT, a, b, tauW] = [
    cell.v_leak,
    cell.v_threshold,
    cell.delta_t,
    1000 * cell.a,
    1000 * cell.b,
    1000 * cell.tau_w,
  ];
  let x: [number, number] = [EL, 0];
  let [n, restsUntil] = [0, 0];
  const spikes: number[] = [];
  const slope = ([V, w]: [number, number], I: number): [number, number] => [
    n < restsUntil ? 0 : (-gL * (V - EL) + gL * DT * Math.exp((Math.min(V, cell.v_peak) - VT) / DT) - w + I) / C,
    (a * (Math.min(V, cell.v_peak) - EL) - w) / tauW,
  ];
  const moved = (x: [number, number], k: [number, number], s: number): [number, number] => [
    x[0] + s * k[0],
    x[1] + s * k[1],
  ];
  for (; n < ms / h; n++) {
    const I = 1000 * current(n * h);
    const k1 = slope(x, I);
    const k2 = slope(moved(x, k1, h / 2), I);
    const k3 = slope(moved(x, k2, h / 2), I);
    const k4 = slope(moved(x, k3, h), I);
    x = [0, 1].map((v) => x[v]! + (h / 6) * (k1[v]! + 2 * k2[v]! + 2 * k3[v]! + k4[v]!)) as [number, number];
    if (x[0] > cell.v_peak) {
      spikes.push((n + 1) * h);
      restsUntil = n + 1 + Math.round(rest / h);
      x = [cell.v_reset, x[1] + b];
    }
  }
  return spikes;
}

const step = (ms: number) => (ms >= 20 ? 1.5 : 0);

describe('AdEx', () => {
  it.each([
    ['rk4', 1e-5, 0, 1.5],
    ['euler', 1e-6, 0, 7],
    ['rk4', 1e-4, 12, 1.5],
  ] as const)(
    '%s in steps of %d s, resting %d ms, is late by at most %d steps a spike, beside an integration in steps of 1 µs',
    (integrate, dt, rest, late) => {
      const truth = integrateApart(paper, step, { ms: 600, h: 1e-3, rest });
      const cell = { ...paper, tau_ref: rest / 1000 };
      const { spikes } = drive('AdEx', cell, { dt, integrate }, Math.round(0.6 / dt), (t) => step(t * dt * 1000));
      expect(truth.length).toBeGreaterThan(8);
      expect(spikes).toHaveLength(truth.length);
      for (const [k, at] of spikes.entries()) {
        const toleranceMs = (k + 1) * late * dt * 1000;
        expect(Math.abs((at + 1) * dt * 1000 - truth[k]!), `spike ${k}`).toBeLessThan(toleranceMs);
      }
    },
  );

  const steady = (cell: typeof paper, current: number) => {
    const { spikes } = drive('AdEx', cell, { dt: 1e-5, integrate: 'rk4' }, 50_000, () => current);
    return intervals(spikes);
  };

  it('adapts: its intervals grow, and without b and a they do not', () => {
    const adapting = steady(paper, 1);
    expect(adapting.at(-1)).toBeGreaterThan(1.5 * adapting[0]!);
    const plain = steady({ ...paper, a: 0, b: 0 }, 1);
    for (const gap of plain) expect(Math.abs(gap - plain[0]!)).toBeLessThanOrEqual(1);
  });

  it('bursts where a spike leaves the membrane above the threshold and the adaptation is strong and fast', () => {
    const gaps = steady({ ...paper, tau_w: 0.02, b: 0.5, v_reset: paper.v_threshold + 5 }, 0.8);
    const [shortest, longest] = [Math.min(...gaps), Math.max(...gaps)];
    expect(longest).toBeGreaterThan(3 * shortest);
    const between = gaps.filter((gap) => gap > 2 * shortest).length;
    expect(between).toBeGreaterThan(5);
    expect(gaps.length - between).toBeGreaterThan(5);
  });

  // While v is held, dw/dt = (a(v_reset − v_leak) − w)/τ_w has a closed form, whatever arrives.
  it.each([
    ['rk4', 1e-4, 0, 0],
    ['rk4', 1e-4, 0.02, 0],
    ['rk4', 1e-3, 0.02, 5],
    ['rk4', 1e-3, -0.004, 5],
    ['euler', 1e-4, 0.02, 5],
    ['euler', 1e-3, -0.004, 0],
  ] as const)(
    '%s in steps of %d s with a = %d: w goes where the held membrane leads it',
    (integrate, dt, a, current) => {
      const [v_reset, steps] = [-58, 40];
      const cell = { ...paper, a, v_reset, tau_ref: steps * dt, v_initial: 19, w_initial: 0.3 };
      const after = (rest: number) => drive('AdEx', cell, { dt, integrate }, 1 + rest, (t) => (t === 0 ? 0 : current));
      const { spikes, v, state } = after(steps);
      expect(spikes).toEqual([0]);
      expect(v.every((each) => each === v_reset)).toBe(true);
      const [first, settled] = [after(0).state.w![0]!, a * (v_reset - paper.v_leak)];
      const left = integrate === 'rk4' ? Math.exp(-dt / paper.tau_w) : 1 - dt / paper.tau_w;
      expect(state.w![0]).toBeCloseTo(settled + (first - settled) * left ** steps, 11);
    },
  );
});
