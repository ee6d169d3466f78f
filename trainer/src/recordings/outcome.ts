import type { LabelledSamples } from 'spikewire/data';
import { frozenLogisticRegression } from '../baselines/logistic-regression.ts';
import { nearestNeighbour } from '../baselines/nearest-neighbours.ts';
import type { FeaturedSet } from '../data/featured.ts';
import { answersOf, everyNth } from './learning-curve.ts';
import type { DividedWindows } from './read-windows.ts';
import { trialsFor, wilson } from './wilson.ts';

/** A class counts as known where the 95 % interval of its share of right answers is no wider than this. */
export const WIDTH = 0.2;
/** More examples help where the baseline gained so much by the second half of what it learned. */
export const GAIN = 0.02;
const FRACTIONS = [4, 2, 1];

/** What came out for one class. */
export interface ClassOutcome {
  readonly name: string;
  readonly recordings: number;
  readonly testRecordings: number;
  /** Windows. */
  readonly learned: number;
  readonly validation: number;
  readonly tested: number;
  /** Of its test windows the share that was named right, and its 95 % interval by test recordings. */
  readonly recall: number;
  readonly low: number;
  readonly high: number;
  /** What the baseline's share gained by the second half of the recordings that it learned. */
  readonly gain: number;
  /** Recordings that would be needed besides, 0 where none. */
  readonly moreToKnow: number;
  readonly moreToLearn: number;
}

export interface RecordingsOutcome {
  readonly classes: readonly ClassOutcome[];
  /** Test windows: a row for what was shown, a column for what was named. */
  readonly confusion: readonly (readonly number[])[];
  readonly tested: number;
  readonly testRecordings: number;
  readonly accuracy: number;
  readonly majority: number;
  readonly baselines: readonly { readonly name: string; readonly accuracy: number }[];
  /** Of the first baseline, after so many windows. */
  readonly curve: readonly { readonly learned: number; readonly accuracy: number }[];
}

/** What the answers to the test windows, classes or −1, say of a net, of its data and of the baselines beside it. */
export function recordingsOutcome(
  divided: DividedWindows,
  { data }: FeaturedSet,
  answers: ArrayLike<number>,
): RecordingsOutcome {
  const { windows, parts } = divided;
  const { classes, labels, sources } = windows;
  const truth = data.labels;
  const learned = data.training!;
  const sourcesOf = (part: readonly number[]) => part.map((k) => sources[k]!);
  const steps = FRACTIONS.map((n) => {
    const samples = everyNth(learned, sourcesOf(parts.learned), n);
    return {
      learned: samples.samples.length,
      answers: answersOf(frozenLogisticRegression, samples, data, classes.length),
    };
  });
  const [half, whole] = [steps.at(-2)!.answers, steps.at(-1)!.answers];
  const nearest = answersOf(nearestNeighbour, learned, data, classes.length);
  const confusion = classes.map((_, shown) =>
    classes.map((_, named) => countOf(truth, (label, k) => label === shown && answers[k] === named)),
  );
  const sizes = classes.map((_, c) => countOf(truth, (label) => label === c));
  return {
    classes: classes.map((name, c) => {
      const all = windows.recordings.filter(({ label }) => label === name).length;
      const testRecordings = new Set(sourcesOf(parts.tested.filter((k) => labels[k] === c))).size;
      const recall = confusion[c]![c]! / sizes[c]!;
      const gain = recallOf(truth, whole, c) - recallOf(truth, half, c);
      const needed = trialsFor(recall, WIDTH);
      return {
        name,
        recordings: all,
        testRecordings,
        learned: countOf(learned.labels, (label) => label === c),
        validation: countOf(data.validation!.labels, (label) => label === c),
        tested: sizes[c]!,
        recall,
        ...wilson(recall, testRecordings),
        gain,
        moreToKnow: Math.max(0, Math.ceil(((needed - testRecordings) * all) / testRecordings)),
        moreToLearn: gain >= GAIN ? all : 0,
      };
    }),
    confusion,
    tested: truth.length,
    testRecordings: new Set(sourcesOf(parts.tested)).size,
    accuracy: accuracyOf(truth, answers),
    majority: Math.max(...sizes) / truth.length,
    baselines: [
      { name: 'logistic regression', accuracy: accuracyOf(truth, whole) },
      { name: 'nearest neighbour', accuracy: accuracyOf(truth, nearest) },
    ],
    curve: steps.map((step) => ({ learned: step.learned, accuracy: accuracyOf(truth, step.answers) })),
  };
}

function countOf(labels: LabelledSamples['labels'], isMeant: (label: number, index: number) => boolean): number {
  let count = 0;
  for (const [k, label] of labels.entries()) if (isMeant(label, k)) count++;
  return count;
}

function accuracyOf(truth: Int32Array, answers: ArrayLike<number>): number {
  return countOf(truth, (label, k) => answers[k] === label) / truth.length;
}

function recallOf(truth: Int32Array, answers: ArrayLike<number>, c: number): number {
  return countOf(truth, (label, k) => label === c && answers[k] === c) / countOf(truth, (label) => label === c);
}
