import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntegerTrace, type SpikeTrace } from './integer-trace.ts';
import { collectActive, sparseActivity } from './sparse-activity.ts';

const dt = 0.001;

function traceOf(mode: SpikeTrace['mode'], tau: number, size = 1) {
  const trace = new IntegerTrace({ name: 'x', side: 'pre', mode, tau }, size, dt);
  const active = sparseActivity(size);
  const spike = (...values: number[]) => {
    collectActive(values, active);
    trace.takeUp(active);
  };
  return { trace, spike };
}

describe('IntegerTrace', () => {
  it.each([0.003, 0.02, 0.5])('follows e^(−t/τ) within what rounding takes, and ends at 0: τ = %s s', (tau) => {
    const { trace, spike } = traceOf('add', tau);
    spike(1);
    // Each step loses less than 1 of 2^16 besides the decay, and these losses decay too: τ/dt of them in all.
    const most = (1 + tau / dt) / 2 ** 16;
    for (let step = 1; step < 20 * (tau / dt); step++) {
      trace.decay();
      const lost = Math.exp((-step * dt) / tau) - trace.at(0);
      expect(lost).toBeGreaterThan(-0.01);
      expect(lost).toBeLessThan(most + 0.01);
    }
    expect(trace.values[0]).toBe(0);
  });

  it('holds 256 spikes, and decays however long τ is', () => {
    const { trace, spike } = traceOf('add', 1e6);
    spike(300);
    expect(trace.at(0)).toBe(256);
    trace.decay();
    expect(trace.at(0)).toBe(256 - 256 / 2 ** 15);
  });

  it('has the rate in Hz as its mean', () => {
    const { trace, spike } = traceOf('rate', 0.02);
    let sum = 0;
    for (let step = 0; step < 5000; step++) {
      trace.decay();
      if (step % 8 === 0) spike(1);
      if (step >= 1000) sum += trace.at(0);
    }
    expect(sum / 4000).toBeCloseTo(125, 0);
  });

  it('is the same after steps one by one, all at once, and from a saved state', () => {
    const steps = fc.array(fc.tuple(fc.nat(30), fc.tuple(fc.integer({ min: -2, max: 2 }), fc.nat(1))), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(steps, fc.constantFrom('add', 'set'), (given, mode) => {
        const [single, atOnce] = [traceOf(mode, 0.01, 2), traceOf(mode, 0.01, 2)];
        for (const [silent, values] of given) {
          for (let k = 0; k < silent; k++) single.trace.decay();
          const saved = traceOf(mode, 0.01, 2);
          saved.trace.values.set(atOnce.trace.values);
          saved.trace.restored();
          for (const { trace } of [atOnce, saved]) trace.decay(silent);
          expect(saved.trace.values).toEqual(atOnce.trace.values);
          for (const { spike } of [single, atOnce]) spike(...values);
          expect(atOnce.trace.values).toEqual(single.trace.values);
        }
      }),
    );
  });
});
