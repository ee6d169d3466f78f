import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import type { ClassifierKind } from '../baselines/classifier.ts';
import { frozenLogisticRegression } from '../baselines/logistic-regression.ts';
import { majorityOf } from '../baselines/majority.ts';
import { nearestNeighbour } from '../baselines/nearest-neighbours.ts';
import type { FeaturedSet } from '../samples/featured.ts';
import { accuracyOf } from '../stream-eval/figures.ts';
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
  const { classes, sources } = divided.windows;
  const { labels: truth, training } = data;
  const sourcesOf = (part: readonly number[]) => part.map((k) => sources[k]!);
  const named = (kind: ClassifierKind, learned: LabelledSamples) => answersOf(kind, learned, data, classes.length);
  const steps = FRACTIONS.map((n) => {
    const learned = everyNth(training!, sourcesOf(divided.parts.learned), n);
    return { learned: learned.samples.length, answers: named(frozenLogisticRegression, learned) };
  });
  const [half, whole] = [steps.at(-2)!.answers, steps.at(-1)!.answers];
  const confusion = confusionOf(truth, answers, classes.length);
  return {
    classes: classes.map((name, c) => {
      const examples = examplesOf(divided, data, c);
      const gain = (countOf(truth, whole, c, c) - countOf(truth, half, c, c)) / examples.tested;
      return { name, ...examples, ...needsOf(examples, confusion[c]![c]! / examples.tested, gain) };
    }),
    confusion,
    tested: truth.length,
    testRecordings: new Set(sourcesOf(divided.parts.tested)).size,
    accuracy: accuracyOf(answers, truth),
    majority: majorityOf(truth),
    baselines: [
      { name: 'logistic regression', accuracy: accuracyOf(whole, truth) },
      { name: 'nearest neighbour', accuracy: accuracyOf(named(nearestNeighbour, training!), truth) },
    ],
    curve: steps.map((step) => ({ learned: step.learned, accuracy: accuracyOf(step.answers, truth) })),
  };
}

type Examples = Pick<ClassOutcome, 'recordings' | 'testRecordings' | 'learned' | 'validation' | 'tested'>;

function examplesOf(
  { windows, parts }: DividedWindows,
  { training, validation, labels }: DataSet,
  c: number,
): Examples {
  const tested = parts.tested.filter((k) => windows.labels[k] === c);
  return {
    recordings: windows.recordings.filter(({ label }) => label === windows.classes[c]).length,
    testRecordings: new Set(tested.map((k) => windows.sources[k])).size,
    learned: sizeOf(training!.labels, c),
    validation: sizeOf(validation!.labels, c),
    tested: sizeOf(labels, c),
  };
}

function needsOf({ recordings, testRecordings }: Examples, recall: number, gain: number) {
  const missing = trialsFor(recall, WIDTH) - testRecordings;
  return {
    recall,
    ...wilson(recall, testRecordings),
    gain,
    moreToKnow: Math.max(0, Math.ceil((missing * recordings) / testRecordings)),
    moreToLearn: gain >= GAIN ? recordings : 0,
  };
}

function confusionOf(truth: Int32Array, answers: ArrayLike<number>, classes: number): number[][] {
  const all = Array.from({ length: classes }, (_, c) => c);
  return all.map((shown) => all.map((named) => countOf(truth, answers, shown, named)));
}

/** Samples of a class that were named as one. */
function countOf(truth: Int32Array, answers: ArrayLike<number>, shown: number, named: number): number {
  return truth.reduce((sum, label, k) => sum + Number(label === shown && answers[k] === named), 0);
}

function sizeOf(labels: Int32Array, c: number): number {
  return labels.reduce((sum, label) => sum + Number(label === c), 0);
}
