import { type GraphNode, type NeuronKind, nodeKinds, type Semantics } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COARSE, FINE, FlowTable } from './flow-table.ts';

const semantics: Semantics = {
  dt: 1e-4,
  integrate: 'rk4',
  threshold: 'gt',
  reset: 'value',
  spikesPerStep: 'one',
};

const adEx = {
  tau: 0.01,
  v_leak: -70,
  v_threshold: -50,
  delta_t: 2,
  v_peak: 0,
  v_reset: -60,
  tau_w: 0.1,
  a: 0.1,
  b: 3,
};

/** A kind, its parameters, its second variable, constant inputs, and the box of a grid. */
const neurons = [
  ['Izhikevich', {}, 'u', [0, 4, 15], [-90, -40, -25, 5]],
  ['AdEx', adEx, 'w', [0, 15, 25], [-90, -45, -10, 40]],
  ['FitzHughNagumo', {}, 'w', [0, 0.5, 1], [-2.5, 2.5, -1, 2]],
] as const;

/** A step from (v, u) by the equations of a kind. */
function advanceOf(type: string, parameters: Readonly<Record<string, number>>, second: string, input: number) {
  const kind = nodeKinds.find((known) => known.type === type) as NeuronKind;
  const tensors = Object.entries(parameters).map(([name, value]) => [
    name,
    { shape: [], data: Float64Array.of(value) },
  ]);
  const node = { type, parameters: Object.fromEntries(tensors) } as unknown as GraphNode;
  const { initial, step } = kind.prepare(node, 1, semantics);
  return (state: Float64Array): boolean => {
    initial.v![0] = state[0]!;
    initial[second]![0] = state[1]!;
    const spikes = step(0, [Float64Array.of(input)], initial);
    state[0] = initial.v![0]!;
    state[1] = initial[second]![0]!;
    return spikes > 0;
  };
}

describe.each(neurons)('FlowTable of %s', (type, parameters, second, inputs, box) => {
  it.each([COARSE, FINE])('of $points points is where the equations are, and steps over no spike', (precision) => {
    const [lowV, highV, lowU, highU] = box;
    let held = 0;
    for (const input of inputs) {
      const advance = advanceOf(type, parameters, second, input);
      const table = new FlowTable({ advance, box }, precision);
      fc.assert(
        fc.property(
          fc.double({ min: lowV, max: highV, noNaN: true }),
          fc.double({ min: lowU, max: highU, noNaN: true }),
          fc.integer({ min: 1, max: 400 }),
          (v, u, most) => {
            const [near, exact] = [Float64Array.of(v, u), Float64Array.of(v, u)];
            const quiet = table.quietSteps(near);
            const steps = table.forward(near, most);
            expect(steps).toBeLessThanOrEqual(Math.min(most, quiet));
            for (let step = 0; step < Math.min(quiet, 1000); step++) {
              expect(advance(exact)).toBe(false);
              if (step + 1 !== steps) continue;
              held++;
              expect(Math.abs(exact[0]! - near[0]!) / (highV - lowV)).toBeLessThan(precision.tolerance / 20);
              expect(Math.abs(exact[1]! - near[1]!) / (highU - lowU)).toBeLessThan(precision.tolerance / 20);
            }
          },
        ),
        { numRuns: 300 },
      );
    }
    expect(held).toBeGreaterThan(100);
  });

  it('knows nothing outside its grid, nor of what is not a number', () => {
    const table = new FlowTable({ advance: advanceOf(type, parameters, second, 0), box }, COARSE);
    const [lowV, highV, lowU, highU] = box;
    for (const [v, u] of [
      [lowV - 1, lowU],
      [highV + 1, highU],
      [1e6, -1e6],
      [Number.NaN, lowU],
      [lowV, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(table.quietSteps(Float64Array.of(v, u))).toBe(0);
      expect(table.forward(Float64Array.of(v, u), 256)).toBe(0);
    }
  });
});

describe('FlowTable', () => {
  it.each([COARSE, FINE])('of $points points is at rest where the equations are, for ever', (precision) => {
    const advance = advanceOf('Izhikevich', {}, 'u', 0);
    const table = new FlowTable({ advance, box: [-90, -40, -25, 5] }, precision);
    // Rests at v = −70, u = b·v = −14 (Izhikevich 2003).
    const state = Float64Array.of(-66, -13);
    for (let step = 0; step < 50_000 && table.quietSteps(state) !== Number.POSITIVE_INFINITY; ) {
      step += table.forward(state, 10_000);
    }
    expect(table.quietSteps(state)).toBe(Number.POSITIVE_INFINITY);
    expect(state[0]).toBeCloseTo(-70, 3);
    expect(state[1]).toBeCloseTo(-14, 3);
    expect(table.forward(state, 1e9)).toBe(1e9);
  });
});
