import { RandomGenerator, readModel, writeModel } from '@spikewire/models';
import { EventBuffer, referenceEngine } from 'spikewire';
import { windowsOf } from 'spikewire/data';
import { describe, expect, it } from 'vitest';
import { rangesOf } from '../encoding/channel-ranges.ts';
import { interpret } from '../graph/interpret.ts';
import { programOf } from '../graph/program.ts';
import { joinOverTime } from '../graph/time.ts';
import type { Recipe } from '../methods/method.ts';
import { stbp } from '../methods/stbp.ts';
import { BatchBuffer } from '../training/batches.ts';
import { planOf } from '../training/configuration.ts';
import { LearnedArrays } from '../training/learned-arrays.ts';
import { exportModel } from './export.ts';
import { buildNetwork } from './network.ts';

const SAMPLES = 6;
const STEPS = 5;
const CLASSES = 3;

/** Images of noise, as bytes. */
function images() {
  const random = new RandomGenerator(3, 'images');
  const image = () => Uint8Array.from({ length: 64 }, () => random.nextInteger(256));
  return { samples: Array.from({ length: SAMPLES }, image), labels: new Int32Array(SAMPLES) };
}

/** Spikes of every population while the samples are trained on, and while the exported model runs on the reference engine. */
function bothWays(architecture: string, changes: Partial<Recipe>) {
  const recipe = { ...stbp.recipe, ...changes };
  const configuration = { method: 'stbp', recipe, data: '', architecture, steps: STEPS, epochs: 1, seed: 5 };
  const plan = planOf(configuration, { inputShape: [1, 8, 8], classes: CLASSES });
  const data = images();
  const ranges = rangesOf(data, { shape: [1, 8, 8] });
  const arrays = new LearnedArrays(plan, 5);
  // Stronger weights than at the start of a training, so that there is something to compare in every layer.
  for (const { name, fanIn } of arrays.parameters) {
    arrays.current[name]!.forEach((weight, i, all) => {
      all[i] = fanIn > 0 ? 2.5 * weight + 0.4 / fanIn : 0.1;
    });
  }
  const { input, logits } = buildNetwork(plan, SAMPLES);
  const whole = programOf({ logits });
  const populations = whole.applications.filter(({ operation }) => operation.name === 'spiking');
  const spikes = programOf({
    logits,
    ...Object.fromEntries(
      populations.map(({ results }, place) => [String(place), joinOverTime(results.slice(0, STEPS))]),
    ),
  });
  const batch = new BatchBuffer(plan, ranges, SAMPLES, CLASSES);
  batch.fill(
    data,
    Array.from({ length: SAMPLES }, (_, k) => k),
    new RandomGenerator(1, 'input'),
  );
  expect(input.shape[0]).toBe(SAMPLES);
  const trained = interpret(spikes, new Map(Object.entries({ input: batch.input, ...arrays.current })));

  const labels = ['a', 'b', 'c'];
  const model = readModel(
    writeModel(exportModel(new Map(Object.entries(arrays.current)), { plan, ranges, labels, provenance: {} })),
  );
  const network = referenceEngine.load(model);
  const neurons = network.graph.nodes.flatMap(({ kind }, place) =>
    kind.role === 'neuron' && kind.emits === 'spikes' ? [place] : [],
  );
  const counts: number[][] = [];
  const rasters = neurons.map(() => new Map<string, number>());
  for (const [sample, { steps, input: events }] of [...windowsOf(model, data)].entries()) {
    const [output, raster] = [new EventBuffer(10_000), new EventBuffer(100_000)];
    network.resetActivity();
    network.run(steps, events, output, raster);
    expect(output.dropped + raster.dropped).toBe(0);
    counts.push(new Array(CLASSES).fill(0));
    for (let k = 0; k < output.length; k++) counts[sample]![output.index[k]!]! += output.value[k]!;
    for (let k = 0; k < raster.length; k++) {
      rasters[neurons.indexOf(raster.node[k]!)]?.set(
        `${sample} ${raster.step[k]} ${raster.index[k]}`,
        raster.value[k]!,
      );
    }
  }
  return { trained, rasters, counts };
}

/** The same keys from a population's array [steps·samples, elements]. */
function keysOf(spikes: Float64Array): string[] {
  const elements = spikes.length / STEPS / SAMPLES;
  return [...spikes.keys()]
    .filter((place) => spikes[place] === 1)
    .map((place) => {
      const row = Math.floor(place / elements);
      return `${row % SAMPLES} ${Math.floor(row / SAMPLES)} ${place % elements}`;
    });
}

describe('an exported net on the reference engine', () => {
  it.each<[string, Partial<Recipe>]>([
    ['64-20-3', {}],
    ['4C3-P2-3C2-P2-3', {}],
    ['64-20-3', { neuron: { tau: 0.002, threshold: 0.8, reset: 'value', integrate: 'exact' } }],
  ])('%s spikes as in training, every neuron in every step (%j)', (architecture, changes) => {
    const { trained, rasters, counts } = bothWays(architecture, changes);
    for (const [place, raster] of rasters.entries()) {
      const expected = keysOf(trained.get(String(place))!);
      expect(expected.length).toBeGreaterThan(STEPS);
      expect([...raster.keys()].sort()).toEqual(expected.sort());
    }
    expect(rasters.length).toBeGreaterThanOrEqual(2);
    expect(counts.flat()).toEqual(Array.from(trained.get('logits')!, (logit) => Math.round((logit * STEPS) / 10)));
  });

  it('with membranes as read-out sums the membranes that training averages', () => {
    const { trained, counts } = bothWays('64-20-3', { readOut: 'membrane' });
    for (const [place, sum] of counts.flat().entries()) {
      expect(sum / STEPS).toBeCloseTo(trained.get('logits')![place]!, 10);
    }
  });
});
