import { SpikewireError } from '../../error.ts';
import type { FeatureStage } from '../../model/model.ts';
import { solvePositiveDefinite } from '../../nef/cholesky.ts';
import { winnerOf } from '../../recognition/winner.ts';
import type { FeatureCandidate } from './candidates.ts';
import { FeatureChain } from './chain.ts';

/** Readings with what they are: `labels` are indices of a list of `classes`. */
export interface LabelledReadings {
  /** In the order in which they came. */
  readonly readings: readonly ArrayLike<number>[];
  readonly labels: ArrayLike<number>;
  /** Number of classes. */
  readonly classes: number;
  /** Channels of a reading. */
  readonly channels: number;
}

/** How well a candidate tells the classes apart. */
export interface FeatureScore {
  readonly name: string;
  readonly stages: readonly FeatureStage[];
  /** Numbers of a sample. */
  readonly numbers: number;
  /** Mean over the folds of the share of right answers, each class counting the same, and its standard error. */
  readonly accuracy: number;
  readonly error: number;
}

/** What a search found: the features it takes, and all that it tried, in the order given. */
export interface FeatureChoice {
  readonly chosen: FeatureScore;
  readonly scores: readonly FeatureScore[];
}

const FOLDS = 5;
/** Of each class: two in each fold. */
export const FEWEST_SAMPLES = 2 * FOLDS;
const RIDGE = 10;

/**
 * The features that tell labelled readings apart, by a ridge regression on one-hot targets, cross-validated over five
 * stretches of time of each class: neighbours are alike, and drawn at random would be on both sides. Of the candidates
 * within a standard error of the best, the one with the fewest numbers (Breiman et al. 1984). Throws `input` where
 * there are no two classes, or one has fewer than ten samples in every candidate.
 */
export function chooseFeatures(candidates: readonly FeatureCandidate[], given: LabelledReadings): FeatureChoice {
  if (given.classes < 2) {
    throw new SpikewireError('input', 'labelled readings', `have ${given.classes} classes`, 'two to tell apart');
  }
  const scores = candidates.flatMap((candidate) => scoreOf(candidate, given) ?? []);
  if (scores.length === 0) {
    const expected = `${FEWEST_SAMPLES} samples of each class`;
    throw new SpikewireError('input', 'labelled readings', 'are too few for a choice of features', expected);
  }
  const best = scores.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  const good = scores.filter(({ accuracy }) => accuracy >= best.accuracy - best.error);
  return { chosen: good.reduce((a, b) => (b.numbers < a.numbers ? b : a)), scores };
}

interface Sample {
  readonly label: number;
  readonly fold: number;
  readonly values: Float64Array;
}

/** Undefined where a class has too few samples. */
function scoreOf(candidate: FeatureCandidate, given: LabelledReadings): FeatureScore | undefined {
  const samples = samplesOf(candidate, given);
  const counts = countsOf(samples, given.classes);
  if (counts.some((count) => count < FEWEST_SAMPLES)) return undefined;
  const folds = Array.from({ length: FOLDS }, (_, fold) => accuracyOn(samples, fold, given.classes));
  const accuracy = folds.reduce((sum, share) => sum + share, 0) / FOLDS;
  const variance = folds.reduce((sum, share) => sum + (share - accuracy) ** 2, 0) / (FOLDS - 1);
  return { ...candidate, numbers: samples[0]!.values.length, accuracy, error: Math.sqrt(variance / FOLDS) };
}

/** What features make of labelled readings: samples with their classes. They start anew where another class begins. */
export function labelledFrames(
  { name, stages }: FeatureCandidate,
  { readings, labels, channels }: Pick<LabelledReadings, 'readings' | 'labels' | 'channels'>,
): { readonly label: number; readonly values: Float64Array }[] {
  const start = () => new FeatureChain(`features "${name}"`, stages, channels * FeatureChain.outputsOf(name, stages));
  const found: { label: number; values: Float64Array }[] = [];
  let chain = start();
  for (const [k, reading] of readings.entries()) {
    if (k > 0 && labels[k] !== labels[k - 1]) chain = start();
    if (chain.take(reading)) found.push({ label: labels[k]!, values: chain.values.slice() });
  }
  return found;
}

function samplesOf(candidate: FeatureCandidate, given: LabelledReadings): Sample[] {
  const found = labelledFrames(candidate, given);
  const totals = countsOf(found, given.classes);
  const seen = new Array<number>(given.classes).fill(0);
  return found.map(({ label, values }) => {
    const fold = Math.floor((FOLDS * seen[label]!++) / totals[label]!);
    return { label, fold, values };
  });
}

/** Samples of each class. */
function countsOf(samples: readonly { readonly label: number }[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { label } of samples) counts[label]!++;
  return counts;
}

/** Share of right answers on one fold after learning the others, each class counting the same. */
function accuracyOn(samples: readonly Sample[], fold: number, classes: number): number {
  const learned = samples.filter((sample) => sample.fold !== fold);
  const answer = ridge(learned, classes);
  const right = new Array<number>(classes).fill(0);
  const all = new Array<number>(classes).fill(0);
  for (const { label, values } of samples.filter((sample) => sample.fold === fold)) {
    all[label]!++;
    if (answer(values) === label) right[label]!++;
  }
  return right.reduce((sum, count, c) => sum + count / all[c]!, 0) / classes;
}

/** Ridge regression of one-hot targets on standardised numbers; gives the class of the largest answer. */
function ridge(samples: readonly Sample[], classes: number): (values: Float64Array) => number {
  const size = samples[0]!.values.length;
  const { mean, scale } = standardOf(samples, size);
  const standardised = (values: Float64Array) => values.map((value, k) => (value - mean[k]!) * scale[k]!);
  const gram = new Float64Array(size * size);
  const weights = new Float64Array(size * classes);
  const share = new Float64Array(classes);
  for (const { label } of samples) share[label]! += 1 / samples.length;
  for (const { label, values } of samples) {
    const x = standardised(values);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) gram[i * size + j]! += x[i]! * x[j]!;
      for (let c = 0; c < classes; c++) weights[i * classes + c]! += x[i]! * (+(c === label) - share[c]!);
    }
  }
  for (let i = 0; i < size; i++) {
    gram[i * size + i]! += RIDGE;
    for (let j = 0; j < i; j++) gram[j * size + i] = gram[i * size + j]!;
  }
  solvePositiveDefinite(gram, weights, size, classes);
  return (values) => {
    const answer = share.slice();
    for (const [i, x] of standardised(values).entries())
      for (let c = 0; c < classes; c++) answer[c]! += x * weights[i * classes + c]!;
    return winnerOf(answer);
  };
}

function standardOf(samples: readonly Sample[], size: number) {
  const mean = new Float64Array(size);
  const scale = new Float64Array(size);
  for (const { values } of samples) for (let k = 0; k < size; k++) mean[k]! += values[k]! / samples.length;
  for (const { values } of samples) for (let k = 0; k < size; k++) scale[k]! += (values[k]! - mean[k]!) ** 2;
  // A number that never varies says nothing.
  for (let k = 0; k < size; k++) scale[k] = scale[k]! > 0 ? Math.sqrt(samples.length / scale[k]!) : 0;
  return { mean, scale };
}
