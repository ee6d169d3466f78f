import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pes } from '../plasticity/pes.ts';
import { perSynapse } from '../plasticity/weight-dependence.ts';
import { RandomGenerator } from '../random/generator.ts';
import { ensemble } from './ensemble.ts';

const dt = 0.001;

function makeEnsemble(seed: number, decode?: (x: Float64Array) => number[]) {
  const random = new RandomGenerator(seed, 'pes');
  return ensemble({ name: 'a', neurons: 60, dimensions: 1, dt, random, ...(decode && { decode }) });
}

/** One step of the rule over all synapses, as an engine would take it: weights act on spikes, so w = d/dt. */
function learn(weights: Float64Array, activity: Float64Array, error: Float64Array, learningRate: number): void {
  const neurons = activity.length;
  const site = { where: 'test', dt, inputs: neurons, outputs: error.length };
  const { onSignal } = pes.prepare({ learningRate, tauPre: 0 }, site);
  const change = typeof onSignal === 'object' ? perSynapse(onSignal, 'post') : onSignal!;
  const view = { pre: [{ at: (i: number) => activity[i]! }], post: [], signal: error, memory: {} };
  for (let j = 0; j < error.length; j++) {
    for (let i = 0; i < neurons; i++) weights[j * neurons + i]! += change(weights[j * neurons + i]!, i, j, view);
  }
}

describe('PES on an ensemble', () => {
  it('in a closed loop gives the decoders of D ← D − κ·dt/n·E·aᵀ', () => {
    const targets = (x: number) => [Math.sin(3 * x), x * x];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 1e-4, max: 1, noNaN: true }), (seed, kappa) => {
        const { decoders, rates } = makeEnsemble(seed, (x) => [x[0]!, 0]);
        const neurons = 60;
        const weights = decoders.map((decoder) => decoder / dt);
        const matrix = [Array.from(decoders.subarray(0, neurons)), Array.from(decoders.subarray(neurons))];
        for (let step = 0; step < 50; step++) {
          const x = Math.sin(step / 7);
          const activity = rates([x]);
          const errorOf = (row: ArrayLike<number>, scale: number, j: number) =>
            activity.reduce((sum, a, i) => sum + a * scale * row[i]!, 0) - targets(x)[j]!;
          const seen = [0, 1].map((j) => errorOf(weights.subarray(j * neurons, (j + 1) * neurons), dt, j));
          const expected = [0, 1].map((j) => errorOf(matrix[j]!, 1, j));
          learn(weights, activity, Float64Array.from(seen), kappa);
          matrix.forEach((row, j) => {
            row.forEach((decoder, i) => {
              row[i] = decoder - ((kappa * dt) / neurons) * expected[j]! * activity[i]!;
            });
          });
        }
        const scale = Math.max(...matrix.flat().map(Math.abs));
        for (const [k, decoder] of matrix.flat().entries()) {
          expect(Math.abs(weights[k]! * dt - decoder)).toBeLessThan(1e-9 * scale);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('turns an ensemble that represents x into one that computes another function', () => {
    const { decoders, rates } = makeEnsemble(1);
    const weights = decoders.map((decoder) => decoder / dt);
    const random = new RandomGenerator(1, 'samples');
    const target = (x: number) => 0.6 - x * x;
    const output = (x: number) => rates([x]).reduce((sum, rate, i) => sum + rate * dt * weights[i]!, 0);
    const xs = Array.from({ length: 41 }, (_, k) => -1 + 0.05 * k);
    const rmse = () => Math.sqrt(xs.reduce((sum, x) => sum + (output(x) - target(x)) ** 2, 0) / xs.length);
    expect(rmse()).toBeGreaterThan(0.5);
    for (let step = 0; step < 20_000; step++) {
      const x = 2 * random.nextUniform() - 1;
      learn(weights, rates([x]), Float64Array.of(output(x) - target(x)), 0.01);
    }
    expect(rmse()).toBeLessThan(0.05);
  });
});
