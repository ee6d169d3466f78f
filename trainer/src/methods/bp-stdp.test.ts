import { numbersOf, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import type { GradientRun } from '../runs/gradient/gradient.ts';
import { withTestPart } from '../samples/test-part.ts';
import { orderOf } from '../training/batches.ts';
import { bpStdp } from './bp-stdp.ts';

const MU = 0.01;
const STEPS = 12;
/** The last one is shorter. */
const WINDOW = 5;
/** Current of an input in a step, so that the loops below see what the net sees. */
const plain = { encoder: 'direct', optimiser: 'sgd:momentum=0', schedule: 'constant', learningRate: MU, batch: 1 };
const data = withTestPart(clouds(120));

async function begin(given: object) {
  const parameters = readParameters('bp-stdp', { ...plain, steps: STEPS, window: WINDOW, ...given }, bpStdp.parameters);
  return (await bpStdp.start({ data, seed: 4, backend: interpreter }, parameters)) as GradientRun;
}

const layersOf = (run: GradientRun) =>
  [...run.model(run.save()).graph.nodes.values()].flatMap((node) => {
    const [weight, bias] = [numbersOf(node, 'weight'), numbersOf(node, 'bias')];
    return weight && bias ? [{ rows: weight.shape[0]!, weight: [...weight.data], bias: [...bias.data] }] : [];
  });
type Layer = ReturnType<typeof layersOf>[number];

/** Changes of all layers by one sample, as the paper has them: neuron by neuron, window by window. */
function changesOf(layers: readonly Layer[], sample: readonly number[], label: number): Layer[] {
  const changes = layers.map(({ rows, weight, bias }) => ({
    rows,
    weight: weight.map(() => 0),
    bias: bias.map(() => 0),
  }));
  const membranes = layers.map(({ rows }) => new Array<number>(rows).fill(0));
  for (let first = 0; first < STEPS; first += WINDOW) {
    const length = Math.min(WINDOW, STEPS - first);
    // Sums of what each layer emitted in the window, the input first.
    const sums = [sample.map(() => 0), ...layers.map(({ rows }) => new Array<number>(rows).fill(0))];
    for (let step = 0; step < length; step++) {
      let spikes = sample;
      for (const [k, s] of sample.entries()) sums[0]![k]! += s;
      for (const [l, { rows, weight, bias }] of layers.entries()) {
        const inputs = spikes;
        spikes = Array.from({ length: rows }, (_, i) => {
          membranes[l]![i]! += bias[i]! + inputs.reduce((sum, s, j) => sum + s * weight[i * inputs.length + j]!, 0);
          if (membranes[l]![i]! <= 1) return 0;
          membranes[l]![i]! -= 1;
          sums[l + 1]![i]!++;
          return 1;
        });
      }
    }
    let xi: number[] = sums.at(-1)!.map((r, i) => {
      if (i === label && r === 0) return 1;
      return i !== label && r > 0 ? -1 : 0;
    });
    for (let l = layers.length - 1; l >= 0; l--) {
      const inputs = sums[l]!;
      for (const [i, error] of xi.entries()) {
        changes[l]!.bias[i]! += MU * error * length;
        for (const [j, s] of inputs.entries()) changes[l]!.weight[i * inputs.length + j]! += MU * error * s;
      }
      xi = inputs.map((s, h) =>
        l > 0 && s > 0 ? xi.reduce((sum, error, i) => sum + error * layers[l]!.weight[i * inputs.length + h]!, 0) : 0,
      );
    }
  }
  return changes;
}

it('changes weights as ξ and the spikes of a step say, through two hidden layers', async () => {
  const run = await begin({ arch: '3-8-6-3' });
  const { samples, labels } = run.samples.learned;
  let changed = 0;
  for (let sample = 0; sample < 20; sample++) {
    const before = layersOf(run);
    const index = orderOf(labels.length, 4, 1)[sample]!;
    const encoded = run.plan.model.encoder.get('in')!.parameters.range as [number, number][];
    const input = Array.from(samples[index]!, (x, k) => (x - encoded[k]![0]) / (encoded[k]![1] - encoded[k]![0]));
    const expected = changesOf(before, input, labels[index]!);
    await run.step();
    for (const [l, after] of layersOf(run).entries()) {
      for (const key of ['weight', 'bias'] as const) {
        for (const [k, value] of after[key].entries()) {
          expect(value - before[l]![key][k]!).toBeCloseTo(expected[l]![key][k]!, 5);
          if (l === 0 && expected[l]![key][k] !== 0) changed++;
        }
      }
    }
  }
  expect(changed).toBeGreaterThan(50);
});

it('learns clouds from spikes', async () => {
  const run = await begin({ arch: '3-24-3', encoder: 'bernoulli', batch: 8, learningRate: 0.02, epochs: 15 });
  while (!run.finished) await run.step();
  expect(Math.max(...run.history.map(({ validation }) => validation.accuracy))).toBeGreaterThan(0.85);
});
