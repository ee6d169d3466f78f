import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import {
  type ChannelDeclaration,
  chooseFeatures,
  type FeatureChoice,
  type FeatureStage,
  featureCandidates,
  labelledFrames,
  namedFeatures,
  type ReadingShape,
  type SamplePlan,
  SpikewireError,
} from '@spikewire/models';
import type { RecordedSet } from 'spikewire/data';
import { readingShapeOf, readingsAt } from './readings.ts';
import { signalStages } from './signals.ts';
import { rounded, standardOf } from './standard.ts';
import { zerosIn } from './zeros.ts';

export const AUTO = 'auto';
/** The samples of a window themselves. */
export const NO_FEATURES = 'none';
/** Of the readings of each class the last fifth is for the test, and of the others the last twelfth for validation. */
export const [TEST_SHARE, VALIDATION_SHARE] = [5, 12];

/** Recorded readings behind features: what a net learns, and what the model takes that leaves. */
export interface FeaturedSet {
  /** What the features make of the readings, in three parts. */
  readonly data: DataSet;
  /** The readings of the test part. */
  readonly readings: DataSet;
  readonly stages: readonly FeatureStage[];
  /** Of the model; none where readings are arrays. */
  readonly channels: readonly ChannelDeclaration[];
  /** Of the readings that are learned. */
  readonly zeros: Pick<SamplePlan, 'zeros'>;
  /** The search, where it was one. */
  readonly choice?: FeatureChoice;
}

/**
 * Divides each class of a recording by time, so that no reading is on two sides, and puts features in front: those
 * named in `asked`, joined by commas, or `auto`, chosen by the readings that are learned and no others. Throws `usage`
 * for a set that is no recording, `parameter` for an unknown name, `input` for a class with too few readings.
 */
export function featuredSet(data: DataSet, asked: string): FeaturedSet {
  const set = recordedOf(data);
  return featuredParts(set, readingShapeOf(set), dividedByTime(set), asked);
}

/**
 * The same for readings that were divided already. With `none` the net gets the samples of all channels, standardised,
 * as a signal [channels, samples].
 */
export function featuredParts(
  set: DataSet & Pick<RecordedSet, 'channels'>,
  { channels, ...shape }: ReadingShape & { readonly channels: number },
  parts: Parts,
  asked: string,
): FeaturedSet {
  const given = { ...readingsAt(set, parts.learned), classes: set.classes.length, channels };
  const choice = asked === AUTO ? chooseFeatures(featureCandidates(shape), given) : undefined;
  const names = asked.split(',').map((name) => name.trim());
  const isSignal = asked === NO_FEATURES;
  const named = () => choice?.chosen.stages ?? namedFeatures('spikewire train --features', names, shape);
  const stages = isSignal ? signalStages(given) : standardised(set, parts, named(), channels);
  const featured = (part: keyof Parts) => framesAt(set, parts[part], stages, channels);
  const tested = readingsAt(set, parts.tested);
  const { name, classes } = set;
  return {
    data: {
      ...{ name, classes, ...(isSignal && { shape: [channels, shape.block] }) },
      ...{ ...featured('tested'), training: featured('learned'), validation: featured('validation') },
    },
    readings: { name, classes, samples: tested.readings, labels: Int32Array.from(tested.labels) },
    stages,
    zeros: zerosIn(readingsAt(set, parts.learned).readings),
    channels: set.channels.map((channel) => ({ name: channel, unit: '' })),
    ...(choice && { choice }),
  };
}

/** Features with their numbers standardised by what is learned, so that a rare large one does not make others small. */
function standardised(set: DataSet, parts: Parts, stages: readonly FeatureStage[], channels: number): FeatureStage[] {
  const { mean, deviation } = standardOf(framesAt(set, parts.learned, stages, channels).samples, 0);
  // What never varies says nothing; its deviation has to be above 0.
  const parameters = {
    mean: Array.from(mean, rounded),
    deviation: Array.from(deviation, (each) => rounded(each) || 1),
  };
  return [...stages, { type: 'standardise', parameters }];
}

function recordedOf(data: DataSet): RecordedSet {
  if ('times' in data) return data as RecordedSet;
  throw new SpikewireError(
    'usage',
    'spikewire train --features',
    `has no use for ${data.name}`,
    '--data recorded:FILE',
  );
}

/** Indices of readings, in the order of time. */
export interface Parts {
  readonly learned: number[];
  readonly validation: number[];
  readonly tested: number[];
}

function dividedByTime({ labels, classes }: RecordedSet): Parts {
  const counts = classes.map(() => 0);
  for (const label of labels) counts[label]!++;
  const seen = classes.map(() => 0);
  const parts: Parts = { learned: [], validation: [], tested: [] };
  for (const [k, label] of labels.entries()) {
    const kept = counts[label]! - Math.floor(counts[label]! / TEST_SHARE);
    const learned = kept - Math.ceil(kept / VALIDATION_SHARE);
    const nth = seen[label]!++;
    parts[nth < learned ? 'learned' : nth < kept ? 'validation' : 'tested'].push(k);
  }
  return parts;
}

/** Throws `input` where a class completes no sample. */
function framesAt(
  set: DataSet,
  indices: readonly number[],
  stages: readonly FeatureStage[],
  channels: number,
): LabelledSamples {
  const frames = labelledFrames({ name: 'train', stages }, { ...readingsAt(set, indices), channels });
  const present = new Set(frames.map(({ label }) => label));
  const absent = set.classes.find((_, c) => !present.has(c));
  if (absent !== undefined) {
    const expected = 'enough for a sample of these features in training, validation and test';
    throw new SpikewireError('input', set.name, `has too few readings of "${absent}"`, expected);
  }
  return { samples: frames.map(({ values }) => values), labels: Int32Array.from(frames, ({ label }) => label) };
}
