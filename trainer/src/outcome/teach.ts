import type { LabelledSamples } from '@spikewire/engine/data';
import {
  baseOf,
  type CodingDeclaration,
  elementCount,
  type Model,
  RandomGenerator,
  shuffledIndices,
} from '@spikewire/models';
import type { Run } from '../runs/run.ts';
import { frontCounts } from '../stream-eval/front.ts';
import { taughtDecoder } from '../stream-eval/spiking.ts';
import { type Picked, type Population, populationsOf, teachableNet } from '../stream-eval/teachable-net.ts';

/** Hidden neurons whose spikes are counted: their read-out takes a third of a megabyte. */
const MOST_HIDDEN = 400;
/** Samples by which these are chosen, where there are more. */
const CHOOSING = 1000;
/** Samples that it is taught. */
const MOST_LEARNED = 10_000;
const MOST_VALIDATION = 1000;

/**
 * The trained net with a read-out that is taught, by one-hot ridge regression on standardised spike counts: those of
 * the population that was trained to answer, and of the ones in front of it. Its base are samples that the net has
 * learned and, last, those that chose the best epoch: by them it knows how sure it may be. Never test samples.
 */
export async function withTaughtReadout(trained: Model, { learned, validation }: Run['samples'], seed: number) {
  const random = new RandomGenerator(seed, 'read-out');
  const samples = joined(drawn(learned, MOST_LEARNED, random), drawn(validation, MOST_VALIDATION, random));
  const model = teachableNet(trained, await pickedOf(trained, samples));
  const [[output, declared]] = [...model.decoder] as [[string, CodingDeclaration]];
  // All is of one time: that validation is harder than what was learned is no drift.
  const parameters = { ...declared.parameters, drift: 'none' };
  const steady = { ...model, decoder: new Map([[output, { ...declared, parameters }]]) };
  const decoder = taughtDecoder(steady, await frontCounts(model, samples.samples), samples.labels);
  return { ...model, base: new Map([[output, baseOf(decoder)]]) };
}

/** All neurons, or of the hidden ones those whose counts vary most. */
async function pickedOf(model: Model, { samples }: LabelledSamples): Promise<Picked> {
  const all = populationsOf(model).map((population) => [population, allOf(population)] as const);
  const hidden = all.filter(([{ answers }]) => !answers);
  if (hidden.reduce((sum, [, { length }]) => sum + length, 0) <= MOST_HIDDEN) return all;
  const variances = variancesOf(await frontCounts(teachableNet(model, hidden), samples.slice(0, CHOOSING)));
  const best = new Set([...variances.keys()].sort((a, b) => variances[b]! - variances[a]!).slice(0, MOST_HIDDEN));
  let first = 0;
  return all.map(([population, neurons]) => {
    if (population.answers) return [population, neurons];
    const before = first;
    first += neurons.length;
    return [population, neurons.filter((neuron) => best.has(before + neuron))];
  });
}

function allOf({ shape }: Population): Uint32Array {
  return Uint32Array.from({ length: elementCount(shape) }, (_, neuron) => neuron);
}

function variancesOf(counts: readonly ArrayLike<number>[]): Float64Array {
  const [sums, squares] = [new Float64Array(counts[0]!.length), new Float64Array(counts[0]!.length)];
  for (const row of counts) {
    for (let k = 0; k < row.length; k++) {
      sums[k]! += row[k]!;
      squares[k]! += row[k]! ** 2;
    }
  }
  return squares.map((square, k) => square / counts.length - (sums[k]! / counts.length) ** 2);
}

function drawn({ samples, labels }: LabelledSamples, most: number, random: RandomGenerator): LabelledSamples {
  const indices = shuffledIndices(samples.length, random).subarray(0, most);
  return {
    samples: Array.from(indices, (index) => samples[index]!),
    labels: Int32Array.from(indices, (index) => labels[index]!),
  };
}

function joined(first: LabelledSamples, last: LabelledSamples): LabelledSamples {
  return {
    samples: [...first.samples, ...last.samples],
    labels: Int32Array.of(...first.labels, ...last.labels),
  };
}
