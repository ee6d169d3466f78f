import { numbersOf, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import type { GradientRun } from '../runs/gradient/gradient.ts';
import { withTestPart } from '../samples/test-part.ts';
import { orderOf } from '../training/batches.ts';
import { sbbp } from './sbbp.ts';

const [MU, STEPS, TAU] = [0.1, 12, 5];
/** Current of an input in a step, so that the loops below see what the net sees. */
const plain = { encoder: 'direct', optimiser: 'sgd:momentum=0', schedule: 'constant', learningRate: MU, batch: 1 };
const data = withTestPart(clouds(120));

async function begin(given: object) {
  const choices = { ...plain, steps: STEPS, tau: TAU / 1000, ...given };
  return (await sbbp.start(
    { data, seed: 4, backend: interpreter },
    readParameters('sbbp', choices, sbbp.parameters),
  )) as GradientRun;
}

const weightsOf = (run: GradientRun) =>
  [...run.model(run.save()).graph.nodes.values()].flatMap((node) => {
    const weight = numbersOf(node, 'weight');
    return weight === undefined ? [] : [{ rows: weight.shape[0]!, weight: [...weight.data] }];
  });

/** The trains of a layer's neurons for trains of currents, [step][neuron]; without a threshold their membranes. */
function trainsOf(currents: readonly number[][], threshold: number | undefined): number[][] {
  const v = currents[0]!.map(() => 0);
  return currents.map((step) =>
    step.map((current, i) => {
      v[i] = v[i]! * (1 - 1 / TAU) + current;
      if (threshold === undefined) return v[i]!;
      if (v[i]! <= threshold) return 0;
      v[i]! -= threshold;
      return 1;
    }),
  );
}

/** W·x in each step. */
const currentsOf = (weight: readonly number[], trains: readonly (readonly number[])[]) =>
  trains.map((x) =>
    Array.from({ length: weight.length / x.length }, (_, i) =>
      x.reduce((sum, value, j) => sum + weight[i * x.length + j]! * value, 0),
    ),
  );

it.each([1, 0.6])('learns as its equations say, neuron by neuron, with threshold %d', async (threshold) => {
  const run = await begin({ arch: '3-6-3', threshold });
  const { samples, labels } = run.samples.learned;
  let learned = 0;
  for (const index of orderOf(samples.length, 4, 1).subarray(0, 20)) {
    const [hidden, last] = weightsOf(run) as unknown as [{ weight: number[] }, { weight: number[] }];
    await run.step();
    const after = weightsOf(run);
    const range = run.plan.model.encoder.get('in')!.parameters.range as number[][];
    const sample = Array.from(samples[index]!, (x, c) => (x - range[c]![0]!) / (range[c]![1]! - range[c]![0]!));
    const inputs = Array.from({ length: STEPS }, () => sample);
    const spikes = trainsOf(currentsOf(hidden.weight, inputs), threshold);
    const states = trainsOf(currentsOf(last.weight, spikes), undefined);
    const errors = [0, 1, 2].map((i) => {
      const mean = states.reduce((sum, state) => sum + state[i]!, 0) / STEPS;
      return mean - Number(i === labels[index]);
    });
    // What a spike at step t adds to the mean membrane, for a weight of 1.
    const worth = inputs.map((_, t) => {
      let sum = 0;
      for (let later = t; later < STEPS; later++) sum += (1 - 1 / TAU) ** (later - t) / STEPS;
      return sum;
    });
    for (let h = 0; h < 6; h++) {
      const times = spikes.flatMap((step, t) => (step[h] === 1 ? [t] : []));
      const f = times.reduce((sum, t) => sum + (1 - 1 / TAU) ** (STEPS - 1 - t), 0);
      const slope = times.length === 0 ? 0 : (1 / threshold) * (1 - f / TAU / times.length);
      const back = errors.reduce((sum, error, i) => sum + error * last.weight[i * 6 + h]!, 0);
      for (let j = 0; j < 3; j++) {
        const change = worth.reduce((sum, value) => sum - MU * back * value * slope * sample[j]!, 0);
        expect(after[0]!.weight[h * 3 + j]! - hidden.weight[h * 3 + j]!).toBeCloseTo(change, 6);
        if (change !== 0) learned++;
      }
      for (const [i, error] of errors.entries()) {
        const change = times.reduce((sum, t) => sum - MU * error * worth[t]!, 0);
        expect(after[1]!.weight[i * 6 + h]! - last.weight[i * 6 + h]!).toBeCloseTo(change, 6);
      }
    }
  }
  expect(learned).toBeGreaterThan(20);
});

it('has no biases, and neurons behind the means of its pooling', async () => {
  const images = { name: 'images', classes: ['a', 'b'], shape: [1, 6, 6] };
  const samples = Array.from({ length: 40 }, (_, k) =>
    Float32Array.from({ length: 36 }, (_, i) => Number(i % 6 < 3 === (k % 2 === 0))),
  );
  const set = { ...images, samples, labels: Int32Array.from({ length: 40 }, (_, k) => k % 2) };
  const choices = {
    arch: '8C3-P2S-2',
    patience: 30,
    threshold: 0.2,
    batch: 10,
    epochs: 30,
    learningRate: 0.01,
    steps: 8,
    encoder: 'direct',
  };
  const parameters = readParameters('sbbp', choices, sbbp.parameters);
  const run = await sbbp.start({ data: set, seed: 1, backend: interpreter }, parameters);
  while (!run.finished) await run.step();
  expect(run.history.at(-1)!.validation.accuracy).toBe(1);
  const { nodes, edges } = run.model(run.save()).graph;
  for (const node of nodes.values()) for (const b of numbersOf(node, 'bias')?.data ?? []) expect(b).toBe(0);
  const pool = [...nodes].find(([, { type }]) => type === 'AvgPool2d')![0];
  const behind = edges.find(({ source }) => source === pool)!.target;
  expect(nodes.get(behind)!.type).toBe('LIF');
});

it('begins a new net with outputs near 0 and strong hidden layers, and takes a given one as it is', async () => {
  const choices = { ...plain, steps: STEPS, tau: TAU / 1000, arch: '3-400-300-3' };
  const parameters = readParameters('sbbp', choices, sbbp.parameters);
  const begun = (await sbbp.start({ data, seed: 4, backend: interpreter }, parameters)) as GradientRun;
  const spreads = weightsOf(begun).map(({ weight, rows }) => {
    const inputs = weight.length / rows;
    return Math.sqrt((inputs * weight.reduce((sum, w) => sum + w * w, 0)) / weight.length);
  });
  for (const [k, spread] of [1.5, 1.5, 0.1].entries()) expect(spread / spreads[k]!).toBeCloseTo(1, 1);

  const model = begun.model(begun.save());
  const again = (await sbbp.start({ data, seed: 5, backend: interpreter, model }, parameters)) as GradientRun;
  expect(weightsOf(again)).toEqual(weightsOf(begun));
});

it.each([
  ['3-40-R3', { layer1: 1.5, layer2: 0.1, 'layer2.recurrent': 0.1 }],
  ['3-R40-3', { layer1: 1.5, 'layer1.recurrent': 1.5, layer2: 0.1 }],
  ['3-40-+40-3', { layer1: 1.5, layer2: 1.5, layer3: 0.1 }],
])('begins all weights into the outputs of %s near 0, and no other', async (arch, factors) => {
  const run = await begin({ arch });
  const { nodes } = run.model(run.save()).graph;
  for (const [name, factor] of Object.entries(factors)) {
    const { data, shape } = numbersOf(nodes.get(name)!, 'weight')!;
    const most = Math.max(...Array.from(data, Math.abs)) / Math.sqrt(3 / shape[1]!);
    expect(most / factor).toBeLessThanOrEqual(1 + 1e-6);
    expect(most / factor).toBeGreaterThan(0.5);
  }
});
