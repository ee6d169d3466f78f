import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drive } from './drive.ts';

const dt = 0.001;

/** The membrane after one spike of weight `weight` in step 0. */
function response(values: Record<string, number | string>, weight: number, steps = 100): Float64Array {
  const silent = { v_threshold: 1e6, ...values };
  return drive('SRM0', silent, { dt, integrate: 'exact' }, steps, (t) => (t === 0 ? weight : 0)).v;
}

describe('SRM0', () => {
  it('responds with the kernels of the book, each with the peak R', () => {
    const [tau, rise, r, weight] = [0.02, 0.004, 2.5, 0.7];
    const at = (Math.log(tau / rise) * tau * rise) / (tau - rise);
    const top = Math.exp(-at / tau) - Math.exp(-at / rise);
    const kernels = {
      exponential: (s: number) => Math.exp(-s / tau),
      alpha: (s: number) => (s / tau) * Math.exp(1 - s / tau),
      'double-exponential': (s: number) => (Math.exp(-s / tau) - Math.exp(-s / rise)) / top,
    };
    for (const [kernel, epsilon] of Object.entries(kernels)) {
      const membrane = response({ kernel, tau, tau_rise: rise, r }, weight);
      for (const [t, v] of membrane.entries()) {
        expect(v, `${kernel} at step ${t}`).toBeCloseTo(r * weight * epsilon(t * dt), 10);
      }
    }
  });

  it('sums the responses to all arrivals, for each kernel', () => {
    const arrivals = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(arrivals, fc.constantFrom('exponential', 'alpha', 'double-exponential'), (weights, kernel) => {
        const values = { kernel, tau: 0.01, tau_rise: 0.003, v_threshold: 1e6 };
        const single = response(values, 1, weights.length);
        const { v } = drive('SRM0', values, { dt, integrate: 'exact' }, weights.length, (t) => weights[t]!);
        v.forEach((each, t) => {
          const sum = weights.slice(0, t + 1).reduce((total, w, f) => total + w * single[t - f]!, 0);
          expect(each).toBeCloseTo(sum, 9);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('with the exponential kernel is the LIF, with either reset and scheme', () => {
    const cell = fc.record({
      tau: fc.double({ min: 0.004, max: 0.05, noNaN: true }),
      v_leak: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      v_reset: fc.double({ min: -0.5, max: 0.4, noNaN: true }),
      v_threshold: fc.double({ min: 0.5, max: 1.5, noNaN: true }),
      v_initial: fc.double({ min: -1, max: 1, noNaN: true }),
    });
    const currents = fc.array(fc.double({ min: -4, max: 20, noNaN: true }), { minLength: 20, maxLength: 150 });
    const semantics = fc.record({
      integrate: fc.constantFrom('euler', 'exact'),
      reset: fc.constantFrom('value', 'subtract'),
      threshold: fc.constantFrom('gt', 'ge'),
    });
    let spikesSeen = 0;
    fc.assert(
      fc.property(cell, currents, semantics, (values, arriving, choices) => {
        const share = choices.integrate === 'euler' ? dt / values.tau : 1 - Math.exp(-dt / values.tau);
        const lif = drive('LIF', values, { dt, ...choices }, arriving.length, (t) => arriving[t]!);
        const margin = lif.v.reduce((least, v) => Math.min(least, Math.abs(v - values.v_threshold)), 1);
        fc.pre(margin > 1e-9);
        const srm = drive('SRM0', { ...values, r: share }, { dt, ...choices }, arriving.length, (t) => arriving[t]!);
        expect(srm.spikes).toEqual(lif.spikes);
        spikesSeen += lif.spikes.length;
        for (const [t, v] of srm.v.entries()) expect(v).toBeCloseTo(lif.v[t]!, 8);
      }),
    );
    expect(spikesSeen).toBeGreaterThan(30);
  });

  it('has an after-potential of the last spike only', () => {
    const values = { tau: 0.001, v_threshold: 1, eta: -6, tau_eta: 0.01 };
    const { spikes, v } = drive('SRM0', values, { dt, integrate: 'exact' }, 40, (t) =>
      t === 5 || t === 8 ? t - 1 : 0,
    );
    expect(spikes).toEqual([5, 8]);
    for (let t = 20; t < 40; t++) {
      const left = 4 * Math.exp(-(t - 5)) + 7 * Math.exp(-(t - 8));
      expect(v[t]).toBeCloseTo(-6 * Math.exp(-(t - 8) * 0.1) + left, 9);
    }
  });

  it('refuses a rise that is not shorter than the fall', () => {
    for (const more of [{}, { tau_rise: 0.02 }]) {
      expect(() => response({ kernel: 'double-exponential', tau: 0.02, ...more }, 1)).toThrow(/tau_rise/);
    }
  });
});
