import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectActive, sparseActivity } from './sparse-activity.ts';
import { RealTrace } from './trace.ts';

const dt = 0.001;

function runTrace(mode: 'add' | 'set' | 'rate', tau: number, spikes: readonly number[]): number[] {
  const trace = new RealTrace({ name: 'x', side: 'pre', mode, tau }, 1, dt);
  const active = sparseActivity(1);
  return spikes.map((value) => {
    trace.decay();
    collectActive([value], active);
    trace.takeUp(active);
    return trace.at(0);
  });
}

describe('Trace', () => {
  const keep = Math.exp(-dt / 0.02);

  it('add: a sum of exponentials, one per spike', () => {
    const expected = [1, keep, keep ** 2 + 1, keep ** 3 + keep + 2].map((value) => expect.closeTo(value, 12));
    expect(runTrace('add', 0.02, [1, 0, 1, 2])).toEqual(expected);
  });

  it('set: the exponential of the nearest spike', () => {
    expect(runTrace('set', 0.02, [1, 0, 3, 0])).toEqual([1, keep, 1, keep].map((value) => expect.closeTo(value, 12)));
  });

  it('rate: its mean is the firing rate in Hz', () => {
    const values = runTrace(
      'rate',
      0.02,
      Array.from({ length: 5000 }, (_, t) => (t % 8 === 0 ? 1 : 0)),
    );
    const settled = values.slice(1000);
    expect(settled.reduce((sum, value) => sum + value, 0) / settled.length).toBeCloseTo(125, 6);
  });

  it('rate with τ = 0 is the unfiltered s/dt', () => {
    expect(runTrace('rate', 0, [1, 0, 2])).toEqual([1000, 0, 2000].map((value) => expect.closeTo(value, 9)));
  });

  const silences = fc.record({
    tau: fc.oneof(fc.constantFrom(0, 1e-5, 1e6, 1e14), fc.double({ min: 1e-4, max: 1, noNaN: true })),
    parts: fc.array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 3000 })), { minLength: 1, maxLength: 8 }),
  });
  /** A trace with a spike, weaker ones, and a graded value, to which nothing comes any more. */
  const begun = (tau: number) => {
    const trace = new RealTrace({ name: 'x', side: 'pre', mode: 'add', tau }, 4, dt);
    trace.values.set([1, 1e-9, -3e25, 0]);
    return trace;
  };

  it('ends in the same bits after steps one by one and all at once', () => {
    fc.assert(
      fc.property(silences, ({ tau, parts }) => {
        const [single, atOnce] = [begun(tau), begun(tau)];
        for (const steps of parts) {
          for (let step = 0; step < steps; step++) single.decay();
          atOnce.decay(steps);
          expect(atOnce.scaling).toEqual(single.scaling);
          expect(atOnce.values).toEqual(single.values);
        }
        const passed = parts.reduce((sum, steps) => sum + steps, 0);
        const expected = Math.exp((-passed * dt) / (tau || 1e-9));
        // What a step leaves is a rounded number, and so its error counts once for each.
        const tolerance = (passed + 10) * Number.EPSILON;
        if (expected > 1e-28) expect(Math.abs(single.at(0) / expected - 1)).toBeLessThan(tolerance);
      }),
    );
  });

  it('goes on bit for bit from what was saved', () => {
    fc.assert(
      fc.property(silences, ({ tau, parts }) => {
        const [whole, resumed] = [begun(tau), begun(tau)];
        for (const steps of parts) {
          whole.decay(steps);
          resumed.values.set(whole.values);
          resumed.scaling.set(whole.scaling);
          resumed.restored();
          expect(resumed.scaling).toEqual(whole.scaling);
          whole.decay(7);
          resumed.decay(7);
          expect([resumed.scaling, resumed.values]).toEqual([whole.scaling, whole.values]);
        }
      }),
    );
  });

  it('ends in zero and not in subnormal numbers', () => {
    expect(runTrace('add', 0.002, [1, ...new Array(2000).fill(0)]).at(-1)).toBe(0);
  });
});
