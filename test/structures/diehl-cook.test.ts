import { type DiehlCookOptions, diehlCook, RandomGenerator, type Tensor, tensor } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const DT = 0.5;

/** Sums of the weights into each neuron. */
function sumsOf(weights: ArrayLike<number>, inputs: number): number[] {
  return Array.from({ length: weights.length / inputs }, (_, n) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += weights[n * inputs + i]!;
    return sum;
  });
}

/** Neurons of one kind, all at rest. */
function cells(count: number, rest: number) {
  const all = (value: number) => new Array<number>(count).fill(value);
  return { v: all(rest), excitation: all(0), inhibition: all(0), wakes: all(0) };
}

interface Net extends Required<Pick<DiehlCookOptions, 'inputs' | 'neurons' | 'sum' | 'learningRate'>> {
  /** [neurons][inputs]. */
  readonly weights: ArrayLike<number>;
  readonly sampleSteps: number;
}

/**
 * Equations and figures of Diehl and Cook (2015), written out in float64 and ms: arrivals, membranes, spikes, and
 * learning last. Inhibition takes a step.
 */
function loop(
  { inputs, neurons, sum, learningRate, weights, sampleSteps }: Net,
  input: readonly Event[],
  steps: number,
) {
  const [excitatory, inhibitory] = [cells(neurons, -65), cells(neurons, -60)];
  const theta = new Array<number>(neurons).fill(20);
  const traces = new Array<number>(inputs).fill(0);
  const learned = Float64Array.from(weights);
  const spikes: Event[] = [];
  let answered: number[] = [];
  const fired = (population: ReturnType<typeof cells>, tau: number, rest: number, step: number, limit: number[]) => {
    const { v, excitation, inhibition, wakes } = population;
    return v.flatMap((_, n) => {
      const pull = rest - v[n]! + excitation[n]! * (0 - v[n]!) + inhibition[n]! * (-100 - v[n]!);
      if (step >= wakes[n]!) v[n]! += (DT / tau) * pull;
      excitation[n]! *= 1 - DT / 1;
      inhibition[n]! *= 1 - DT / 2;
      return step >= wakes[n]! && v[n]! > limit[n]! ? [n] : [];
    });
  };
  for (let step = 0, next = 0; step < steps; step++) {
    const arrived: number[] = [];
    for (; next < input.length && input[next]![0] === step; next++) arrived.push(input[next]![1]);
    for (let n = 0; n < neurons; n++) {
      for (const i of arrived) excitatory.excitation[n]! += learned[n * inputs + i]!;
      for (const m of answered) if (m !== n) excitatory.inhibition[n]! += 17;
      theta[n]! *= 1 - DT / 1e7;
    }
    const winners = fired(
      excitatory,
      100,
      -65,
      step,
      theta.map((raised) => raised - 72),
    );
    for (const n of winners) {
      inhibitory.excitation[n]! += 10.4;
      excitatory.v[n] = -65;
      excitatory.wakes[n] = step + 11;
      theta[n]! += 0.05;
      spikes.push([step, n, 1]);
    }
    answered = fired(inhibitory, 10, -60, step, new Array<number>(neurons).fill(-40));
    for (const n of answered) {
      inhibitory.v[n] = -45;
      inhibitory.wakes[n] = step + 5;
    }
    for (let i = 0; i < inputs; i++) traces[i]! *= Math.exp(-DT / 20);
    for (const n of winners) {
      for (let k = n * inputs; k < (n + 1) * inputs; k++) {
        const w = learned[k]! + learningRate * (traces[k - n * inputs]! - 0.4) * (1 - learned[k]!);
        learned[k] = Math.min(1, Math.max(0, w));
      }
    }
    for (const i of arrived) traces[i]! += 1;
    if ((step + 1) % sampleSteps !== 0) continue;
    const sums = sumsOf(learned, inputs);
    learned.forEach((w, k) => {
      learned[k] = (w * sum) / sums[Math.floor(k / inputs)]!;
    });
  }
  return { spikes, weights: learned };
}

describe.each([
  { inputs: 64, neurons: 20, sum: 14, learningRate: 0.05, seed: 1 },
  { inputs: 100, neurons: 7, sum: 20, learningRate: 0.01, seed: 2 },
  { inputs: 30, neurons: 12, sum: 12, learningRate: 0.2, seed: 3 },
])('the network of Diehl and Cook with $inputs inputs and $neurons neurons', (options) => {
  const { inputs, sum, seed } = options;
  const model = diehlCook(options);
  const { data } = model.graph.nodes.get('learned')!.parameters.weight as Tensor;
  const SAMPLES = 6;
  const random = new RandomGenerator(seed, 'patterns');
  const input: Event[] = [];
  // 150 ms of rest, then 350 ms of one of four patterns; inputs of it at 63.75 Hz.
  for (let step = 0; step < 1000 * SAMPLES; step++) {
    if (step % 1000 < 300) continue;
    for (let i = Math.floor((inputs / 6) * (Math.floor(step / 1000) % 4)); i < inputs; i++) {
      if (random.nextUniform() < 63.75 * 0.0005) input.push([step, i, 1]);
    }
  }
  const truth = loop({ ...options, weights: data, sampleSteps: 1000 }, input, 1000 * SAMPLES);

  it('presents a sample for 350 ms after a rest of 150 ms', () => {
    expect(model.sample).toEqual({ steps: 700, rest: 300, between: 'continue' });
  });

  it('starts with the sum of the weights into each neuron', () => {
    for (const size of sumsOf(data, inputs)) expect(Math.abs(size / sum - 1)).toBeLessThan(1e-6);
  });

  it.each(['reference', 'clocked'])('spikes and learns as the equations written out: %s', (engine) => {
    const player = new NetPlayer(model, engine);
    expect(truth.spikes.length).toBeGreaterThan(50);
    expect(player.run(1000 * SAMPLES, { in: input }).spikes).toEqual(truth.spikes);
    const learned = player.network.readWeights('learned');
    expect(learned.some((w, k) => Math.abs(w - data[k]!) > 0.05)).toBe(true);
    const farthest = learned.reduce((most, w, k) => Math.max(most, Math.abs(w - truth.weights[k]!)), 0);
    expect(farthest).toBeLessThan(engine === 'reference' ? 1e-12 : 1e-4);
    for (const size of sumsOf(learned, inputs)) expect(Math.abs(size / sum - 1)).toBeLessThan(1e-6);
  });
});

describe.each([400, 1600])('%d neurons of which a twentieth answers at once', (neurons) => {
  const INPUTS = 8;
  const first = neurons / 20;
  const { graph, ...model } = diehlCook({ inputs: INPUTS, neurons });
  const nodes = new Map(graph.nodes);
  const { type, parameters } = nodes.get('learned')!;
  const weight = Float64Array.from({ length: neurons * INPUTS }, (_, k) => Number(k < first * INPUTS));
  nodes.set('learned', { type, parameters: { ...parameters, weight: tensor(weight, [neurons, INPUTS]) } });

  it.each(['reference', 'clocked'])('let nobody else overshoot by what they inhibit: %s', (engine) => {
    const player = new NetPlayer({ ...model, graph: { ...graph, nodes } }, engine);
    const volley = Array.from({ length: 10 * INPUTS }, (_, k): Event => [Math.floor(k / INPUTS), k % INPUTS, 1]);
    const spikes = player.run(400, { in: volley }).spikes!;
    expect(spikes.length).toBeGreaterThanOrEqual(first);
    expect(spikes.filter(([, neuron]) => neuron >= first)).toEqual([]);
  });
});

describe('the network of Diehl and Cook on samples', () => {
  const INPUTS = 64;
  const NEURONS = 20;
  const options = { inputs: INPUTS, neurons: NEURONS, sum: 14, learningRate: 0.05 };

  /**
   * Trained on four patterns of sixteen inputs each; the neuron that answers most to each, and the weights into all.
   */
  async function train(seed: number) {
    const model = diehlCook({ ...options, seed });
    const executor = new InProcessExecutor(engineNamed('clocked'), model);
    const session = new Session(model, executor, { seed });
    const winnerOf = async (time: number, which: number) => {
      const values = Float64Array.from({ length: INPUTS }, (_, i) => (i >> 4 === which ? 1 : 0));
      return Number((await session.feed({ time, values })).result);
    };
    for (let n = 0; n < 60; n++) await winnerOf(n, n % 4);
    await session.setLearning(false);
    const winners: number[] = [];
    for (let which = 0; which < 4; which++) winners.push(await winnerOf(60 + which, which));
    return { winners, weights: executor.network.readWeights('learned') };
  }

  it.each([1, 2, 3, 4, 5])(
    'gives each pattern a winner whose weights have become the pattern: seed %d',
    async (seed) => {
      const { winners, weights } = await train(seed);
      expect(new Set(winners).size).toBe(4);
      winners.forEach((winner, which) => {
        const own = weights.subarray(winner * INPUTS + 16 * which, winner * INPUTS + 16 * which + 16);
        expect(own.reduce((sum, weight) => sum + weight, 0) / options.sum).toBeGreaterThan(0.6);
      });
    },
  );
});
