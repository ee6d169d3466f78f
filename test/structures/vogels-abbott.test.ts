import { type Tensor, vogelsAbbott } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const STEPS = 2000;
const NEURONS = 400;
const model = vogelsAbbott({ neurons: NEURONS, probability: 0.2 });

/**
 * The equations of Brette et al. (2007), benchmark 2, with exact steps in float64: written out without any of the
 * house's parts.
 */
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

  it.each([1, 2, 3, 4, 5])('has the connectivity and the signs of the paper, with seed %i', (seed) => {
    const [neurons, probability] = [1000, 0.02 * seed];
    const { nodes } = vogelsAbbott({ neurons, probability, seed }).graph;
    for (const [name, share, sign] of [
      ['excitatory', 0.8, 1],
      ['inhibitory', 0.2, -1],
    ] as const) {
      const { weight, target, offset } = nodes.get(name)!.parameters as Record<string, Tensor>;
      // Dale: a cell has one sign.
      expect(Array.from(weight!.data).every((w) => Math.sign(w) === sign)).toBe(true);
      const pairs = share * neurons * neurons;
      const deviation = Math.sqrt(pairs * probability * (1 - probability));
      expect(Math.abs(target!.data.length - pairs * probability)).toBeLessThan(4 * deviation);
      // The other cells have none in this node.
      const first = sign > 0 ? 0 : 0.8 * neurons;
      for (let j = 0; j < neurons; j++) {
        const isOf = j >= first && j < first + share * neurons;
        expect(offset!.data[j + 1]! > offset!.data[j]!, `${name} ${j}`).toBe(isOf);
      }
    }
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

  it('fires on without input, at the same rate in float32 as in float64', () => {
    const [long, reference] = [played('clocked', 6000), simulate(6000)];
    expect(Math.abs(long.length / reference.length - 1)).toBeLessThan(0.05);
    const rate = long.length / NEURONS / 0.6;
    expect(rate).toBeGreaterThan(2);
    expect(rate).toBeLessThan(60);
  });

  // Of the paper's size, and denser, where the fluctuations are larger. A clock has 0, a Poisson process 1.
  it.each([
    [4000, 0.02, 1, 0.6],
    [4000, 0.02, 2, 0.6],
    [1000, 0.2, 1, 0.7],
    [1000, 0.2, 2, 0.7],
    [1000, 0.2, 3, 0.7],
  ])(
    'fires irregularly: %i cells, connected by %f, seed %i: intervals vary by more than %f of their mean',
    (...row) => {
      const [neurons, probability, seed, least] = row;
      const net = new NetPlayer(vogelsAbbott({ neurons, probability, seed }));
      const spikes = net.run(20_000, {}, 500_000).spikes!;
      expect(meanVariation(spikes, neurons)).toBeGreaterThan(least);
      expect(meanVariation(spikes, neurons)).toBeLessThan(1.2);
    },
  );
});

/** Mean coefficient of variation of the intervals of cells with ten or more of them. */
function meanVariation(spikes: readonly Event[], neurons: number): number {
  const trains = Array.from({ length: neurons }, (): number[] => []);
  for (const [step, index] of spikes) trains[index]!.push(step);
  const variations = trains.flatMap((train) => {
    const gaps = train.slice(1).map((step, k) => step - train[k]!);
    if (gaps.length < 10) return [];
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    return [Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1)) / mean];
  });
  expect(variations.length).toBeGreaterThan(neurons / 10);
  return variations.reduce((sum, value) => sum + value, 0) / variations.length;
}
