import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drive, intervals } from './drive.ts';

describe('ALIF', () => {
  it('comes to the interval at which rise and fall of the threshold balance', () => {
    const [tau, tauTheta, rise, theta0, current] = [0.02, 0.1, 0.15, 1, 3];
    // Between spikes T apart theta falls from rise/(1 − q) to rise·q/(1 − q), q = e^(−T/τ_θ), where v has come to it.
    const excess = (T: number) => {
      const q = Math.exp(-T / tauTheta);
      return current * (1 - Math.exp(-T / tau)) - theta0 - (rise * q) / (1 - q);
    };
    let [low, high] = [1e-4, 1];
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (excess(middle) < 0) low = middle;
      else high = middle;
    }
    const dt = 1e-5;
    const values = { tau, v_threshold: theta0, theta_plus: rise, tau_theta: tauTheta };
    const { spikes } = drive('ALIF', values, { dt, integrate: 'exact' }, 200_000, () => current);
    const gaps = intervals(spikes);
    expect(gaps[0]).toBeLessThan(0.7 * gaps.at(-1)!);
    // A spike comes up to a step late in each interval.
    expect(Math.abs(gaps.at(-1)! * dt - low)).toBeLessThan(2.5 * dt);
  });

  it('is the LSNN neuron of Bellec et al., equation by equation', () => {
    const numbers = fc.record({
      tau: fc.double({ min: 0.005, max: 0.05, noNaN: true }),
      tau_theta: fc.double({ min: 0.01, max: 1, noNaN: true }),
      beta: fc.double({ min: 0.1, max: 5, noNaN: true }),
    });
    const drives = fc.array(fc.double({ min: -1, max: 6, noNaN: true }), { minLength: 50, maxLength: 200 });
    fc.assert(
      fc.property(numbers, drives, ({ tau, tau_theta, beta }, currents) => {
        const dt = 0.001;
        const [alpha, rho, b0] = [Math.exp(-dt / tau), Math.exp(-dt / tau_theta), 0.3];
        let [V, b] = [0, 0];
        const truth: number[] = [];
        for (const [t, current] of currents.entries()) {
          V = alpha * V + (1 - alpha) * current;
          const B = b0 + beta * b;
          fc.pre(Math.abs(V - B) > 1e-9);
          const z = V > B ? 1 : 0;
          V -= B * z;
          b = rho * b + (1 - rho) * z;
          if (z > 0) truth.push(t);
        }
        const semantics = { dt, integrate: 'exact', reset: 'subtract' } as const;
        const values = { tau, tau_theta, beta, v_threshold: b0 };
        const { spikes } = drive('ALIF', values, semantics, currents.length, (t) => currents[t]!);
        expect(spikes).toEqual(truth);
      }),
    );
  });

  it('refuses a beta of which a step leaves nothing, in place of a threshold that is not a number', () => {
    const values = { tau: 0.01, tau_theta: 0.001, beta: 1, v_threshold: 1 };
    expect(() => drive('ALIF', values, { dt: 0.001 }, 1, () => 0)).toThrow(
      'ALIF.beta: has no effect: a step leaves nothing of theta; expected tau_theta above dt',
    );
    expect(drive('ALIF', { ...values, beta: 0 }, { dt: 0.001 }, 1, () => 0).state.theta![0]).toBe(0);
  });

  it('lets the threshold fall while it rests, and keeps it for ever without tau_theta', () => {
    const values = { tau: 0.01, v_threshold: 1, theta_plus: 0.5, tau_ref: 0.02, v_initial: 5 };
    const semantics = { dt: 0.001, integrate: 'exact' } as const;
    const after = (more: object) => drive('ALIF', { ...values, ...more }, semantics, 11, () => 0).state.theta![0];
    expect(after({ tau_theta: 0.04 })).toBeCloseTo(0.5 * Math.exp(-0.01 / 0.04), 12);
    expect(after({})).toBe(0.5);
  });
});
