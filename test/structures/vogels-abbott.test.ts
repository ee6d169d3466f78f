import { type Tensor, vogelsAbbott } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { NetPlayer } from './net-player.ts';

const STEPS = 2000;
const NEURONS = 400;
const model = vogelsAbbott({ neurons: NEURONS, probability: 0.2 });

/** The equations of Brette et al. (2007), benchmark 2, with exact steps in float64: written out without any of the house's parts. */
function simulate(steps: number): string[] {
  const numbers = (node: string, key: string) => (model.graph.nodes.get(node)!.parameters[key] as Tensor).data;
  const potential = Float64Array.from(numbers('cells', 'v_initial'));
  const [excitation, inhibition] = [new Float64Array(NEURONS), new Float64Array(NEURONS)];
  const restsUntil = new Int32Array(NEURONS);
  const [m, e, i] = [20, 5, 10].map((tau) => Math.exp(-0.1 / tau)) as [number, number, number];
  const [fromE, fromI] = [(5 / (5 - 20)) * (e - m), (10 / (10 - 20)) * (i - m)];
  const spikes: string[] = [];
  for (let step = 0; step < steps; step++) {
    const fired: number[] = [];
    for (let j = 0; j < NEURONS; j++) {
      if (step >= restsUntil[j]!) potential[j] = potential[j]! * m + excitation[j]! * fromE + inhibition[j]! * fromI;
      excitation[j]! *= e;
      inhibition[j]! *= i;
      if (potential[j]! > -1) fired.push(j);
    }
    for (const j of fired) {
      const [node, current, jump] =
        j < 0.8 * NEURONS ? (['excitatory', excitation, 1.62] as const) : (['inhibitory', inhibition, -9] as const);
      const [offset, target] = [numbers(node, 'offset'), numbers(node, 'target')];
      for (let k = offset[j]!; k < offset[j + 1]!; k++) current[target[k]!]! += jump;
      potential[j] = -11;
      restsUntil[j] = step + 50;
      spikes.push(`${step}:${j}`);
    }
  }
  return spikes;
}

describe('Vogels–Abbott network', () => {
  const truth = simulate(STEPS);
  const played = (engine: string, steps: number) =>
    new NetPlayer(model, engine).run(steps).spikes!.map(([step, index]) => `${step}:${index}`);

  it('has the connectivity and the signs of the paper', () => {
    const { nodes } = model.graph;
    const synapses = (name: string) => (nodes.get(name)!.parameters.target as Tensor).data.length;
    expect(synapses('excitatory') / (0.8 * NEURONS * NEURONS)).toBeCloseTo(0.2, 1);
    expect(synapses('inhibitory') / (0.2 * NEURONS * NEURONS)).toBeCloseTo(0.2, 1);
  });

  it('spikes as its equations say in float64', () => {
    expect(truth.length).toBeGreaterThan(400);
    const spikes = played('reference', STEPS);
    expect(spikes).toEqual(truth);
  });

  it('spikes as its equations say in float32, until chaos has made much of the last bit', () => {
    const early = truth.filter((spike) => Number.parseInt(spike, 10) < 200);
    expect(early.length).toBeGreaterThan(50);
    expect(played('clocked', 200)).toEqual(early);
  });

  it('fires irregularly for ever without input, at the same rate in float32 as in float64', () => {
    const [long, reference] = [played('clocked', 6000), simulate(6000)];
    expect(Math.abs(long.length / reference.length - 1)).toBeLessThan(0.05);
    const rate = long.length / NEURONS / 0.6;
    expect(rate).toBeGreaterThan(2);
    expect(rate).toBeLessThan(60);
  });
});
