import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../graph/graph.ts';
import type { Semantics } from '../graph/semantics.ts';
import { lif } from '../neurons/lif.ts';
import { scalar } from '../tensor.ts';
import { lifTuning, rectifiedLinearTuning, steppedLifTuning } from './tuning.ts';

const times = { tau: 0.02, tauRef: 0.002 };

/** The rate that the LIF node of the graph has for a constant current. */
function simulatedRate(current: number, dt: number, reset: Semantics['reset'], seconds: number): number {
  const parameters = { tau: scalar(times.tau), r: scalar(1), v_threshold: scalar(1), tau_ref: scalar(times.tauRef) };
  const node: GraphNode = { type: 'LIF', parameters };
  const dynamics = lif.prepare(node, 1, { dt, integrate: 'exact', threshold: 'gt', reset, spikesPerStep: 'one' });
  const steps = Math.round(seconds / dt);
  const input = [Float64Array.of(current)];
  let spikes = 0;
  for (let step = 0; step < steps; step++) spikes += dynamics.step(0, input, dynamics.initial);
  return spikes / seconds;
}

const kinds = [
  ['LIF', lifTuning(times), 1],
  ['rectified linear', rectifiedLinearTuning, 0],
] as const;

describe.each(kinds)('gain and bias of %s', (_name, tuning, rheobase) => {
  const maxRate = fc.double({ min: 5, max: 450, noNaN: true });
  const intercept = fc.double({ min: -1, max: 0.95, noNaN: true });

  it('make it begin to fire at the intercept and reach the maximal rate at 1', () => {
    fc.assert(
      fc.property(maxRate, intercept, (rate, start) => {
        const { gain, bias } = tuning.gainAndBias(rate, start);
        expect(gain).toBeGreaterThan(0);
        expect(gain * start + bias).toBeCloseTo(rheobase, 6);
        expect(Math.abs(tuning.rate(gain + bias) / rate - 1)).toBeLessThan(1e-6);
        expect(tuning.rate(gain * (start - 0.01) + bias)).toBe(0);
        expect(tuning.rate(gain * (start + 0.01) + bias)).toBeGreaterThan(0);
      }),
    );
  });

  it('refuse an intercept of 1 and a rate of 0', () => {
    expect(() => tuning.gainAndBias(100, 1)).toThrow('intercept: is 1; expected a number below 1');
    expect(() => tuning.gainAndBias(0, 0)).toThrow('maximal rate: is 0 Hz');
  });
});

describe('the rate of LIF neurons', () => {
  it('is 1/(τ_ref + the time from 0 to the threshold)', () => {
    const { rate } = lifTuning(times);
    // At J = 2 the membrane 2·(1 − e^(−t/τ)) reaches 1 after τ·ln 2.
    expect(rate(2)).toBeCloseTo(1 / (0.002 + 0.02 * Math.LN2), 10);
    expect([rate(1), rate(0.5), rate(-3)]).toEqual([0, 0, 0]);
  });

  it('refuses a maximal rate that the refractory time forbids', () => {
    expect(() => lifTuning(times).gainAndBias(500, 0)).toThrow('below 500 Hz');
  });

  it('is what a LIF node does at small steps', () => {
    const { rate } = lifTuning(times);
    for (const current of [1.05, 1.5, 3, 8]) {
      expect(Math.abs(simulatedRate(current, 1e-5, 'value', 4) / rate(current) - 1)).toBeLessThan(0.01);
    }
  });

  it('on the grid is what a LIF node with reset by subtraction does at any step', () => {
    for (const dt of [0.001, 0.0005, 0.0002]) {
      const { rate } = steppedLifTuning(times, dt);
      for (let current = 1.05; current < 25; current *= 1.15) {
        const simulated = simulatedRate(current, dt, 'subtract', 20);
        expect(Math.abs(rate(current) / simulated - 1)).toBeLessThan(0.02);
      }
    }
  });

  it('on the grid saturates where every interval is the rest and one step', () => {
    expect(steppedLifTuning(times, 0.001).rate(1e6)).toBeCloseTo(1 / 0.003, 9);
    expect(simulatedRate(100, 0.001, 'subtract', 3)).toBeCloseTo(1 / 0.003, 0);
  });
});
