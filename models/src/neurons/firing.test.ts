import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../graph/graph.ts';
import { defaultSemantics, type Semantics } from '../graph/semantics.ts';
import { scalar } from '../tensor.ts';
import { fire, isResting, prepareFiring } from './firing.ts';

function firingOf(parameters: Record<string, number>, semantics: Partial<Semantics> = {}) {
  const node: GraphNode = {
    type: 'LIF',
    parameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, scalar(value)])),
  };
  return prepareFiring(node, 1, { ...defaultSemantics, ...semantics });
}

/** Spikes and membrane after the comparison at `v`. */
function fireAt(v: number, parameters: Record<string, number>, semantics: Partial<Semantics> = {}) {
  const membrane = Float64Array.of(v);
  const spikes = fire(firingOf(parameters, semantics), 0, membrane, new Float64Array(1));
  return { spikes, left: membrane[0] };
}

describe('fire', () => {
  it.each([
    ['gt', 0],
    ['ge', 1],
  ] as const)('with %s a membrane at the threshold gives %d spikes', (threshold, spikes) => {
    expect(fireAt(1, { v_threshold: 1 }, { threshold }).spikes).toBe(spikes);
  });

  it('subtracts as often as it spikes, and stops at the threshold', () => {
    const many = { reset: 'subtract', spikesPerStep: 'many' } as const;
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 30, noNaN: true }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        fc.double({ min: -1, max: 0.05, noNaN: true }),
        fc.constantFrom('gt', 'ge'),
        (v, theta, rest, threshold) => {
          // One spike after the other, until the comparison fails.
          let [membrane, count] = [v, 0];
          while (threshold === 'gt' ? membrane > theta + 1e-9 : membrane >= theta - 1e-9) {
            membrane -= theta - rest;
            count++;
          }
          fc.pre(Math.abs(membrane - theta) > 1e-6 && Math.abs(membrane - rest) > 1e-6);
          const { spikes, left } = fireAt(v, { v_threshold: theta, v_reset: rest }, { ...many, threshold });
          expect(spikes).toBe(count);
          expect(left).toBeCloseTo(membrane, 9);
        },
      ),
    );
  });

  it('holds the floor before the comparison and after the reset', () => {
    expect(fireAt(-3, { v_threshold: 1, v_min: -0.5 })).toEqual({ spikes: 0, left: -0.5 });
    expect(fireAt(2, { v_threshold: 1, v_reset: -4, v_min: -0.5 })).toEqual({ spikes: 1, left: -0.5 });
  });

  it('rests for the rounded number of steps after the step of the spike', () => {
    const firing = firingOf({ v_threshold: 1, tau_ref: 0.0026 });
    const [membrane, refractory] = [Float64Array.of(2), new Float64Array(1)];
    expect(fire(firing, 0, membrane, refractory)).toBe(1);
    expect([1, 2, 3, 4].map(() => isResting(0, refractory))).toEqual([true, true, true, false]);
  });

  it('refuses many spikes per step where a spike would not lower the membrane', () => {
    const many = { reset: 'subtract', spikesPerStep: 'many' } as const;
    expect(() => firingOf({ v_threshold: 0, v_reset: 0 }, many)).toThrow(/v_threshold is not above v_reset/);
  });
});
