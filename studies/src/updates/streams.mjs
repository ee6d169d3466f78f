// The recorded streams, and samples of other devices of the same kind, from which bases learn.

import { join } from 'node:path';
import { classifierModel, RandomGenerator, shuffled, writeModel } from '@spikewire/models';
import { gasDrift, hapt, mitdb, standardOf } from '@spikewire/trainer';
import { readNetModel } from 'spikewire/session';

/** Neurons of the front that see one view. */
const NEURONS = 200;
const STEADY = 1e-3;
/** Of others, at most. */
const MOST_OF_OTHERS = 1500;
const SHARE = 0.1;
/** Of a stream no class has a larger share: else a base that knows nothing is hardly worse than others. */
const MOST_OF_A_CLASS = 0.85;

export const streams = {
  gas: { task: gasDrift, folder: 'gas-drift', every: 4, of: 1, most: 4000 },
  hapt: { task: hapt, folder: 'hapt', every: 1, of: 4, most: 2000 },
  mitdb: { task: mitdb, folder: 'mitdb', every: 1, of: 4, most: 1600 },
};

/**
 * Streams of a seed. Of the gas sensors every fourth sample is the stream, and those between are of other devices, which
 * age as well; of people and patients the others are other people.
 */
export async function loaded(name, data, seed, isQuick) {
  const { task, folder, every, of, most } = streams[name];
  const { classes, trials } = await task.load(join(data, folder), seed);
  const trial = trials[seed % trials.length];
  const random = new RandomGenerator(seed, `others of ${name}`);
  const used = (samples) => samples.filter((_, k) => k % every === 0).slice(0, isQuick ? 400 : most);
  const mixed = trial.streams.filter(({ samples }) => largestShare(used(samples)) <= MOST_OF_A_CLASS);
  const chosen = shuffled(mixed, random).slice(0, isQuick ? 1 : of);
  const own = chosen.map(({ samples }) => used(samples));
  const between = every > 1 ? chosen.flatMap(({ samples }) => samples.filter((_, k) => k % every !== 0)) : [];
  const others = shuffled([...trial.base, ...between], random).slice(0, MOST_OF_OTHERS);
  return { classes, others, streams: own };
}

/** Share of the most frequent class. */
function largestShare(samples) {
  const counts = new Map();
  for (const { label } of samples) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / samples.length;
}

/** A front that knows what is usual of the others. */
export function frontOf(others, classes, seed) {
  const standard = standardOf(
    others.map(({ values }) => values),
    STEADY,
  );
  const model = classifierModel({
    channels: Array.from(standard.mean, (_, k) => ({ name: `number ${k}`, unit: '' })),
    labels: classes,
    standardise: { mean: [...standard.mean], deviation: [...standard.deviation] },
    neurons: NEURONS,
    seed,
  });
  return readNetModel(writeModel(model));
}

/** The label that comes of each sample, −1 for none. */
export function labelsOf(samples, seed) {
  const random = new RandomGenerator(seed, 'labels');
  return samples.map(({ label }) => (random.nextUniform() < SHARE ? label : -1));
}
