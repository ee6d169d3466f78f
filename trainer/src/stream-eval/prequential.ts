import type { RandomGenerator } from '@spikewire/models';

/** Somebody who answers and learns, sample by sample, by the index of a sample in its stream. */
export interface StreamLearner {
  /** What it says of the sample at an index. */
  answer(index: number): Answer;
  /** A label that came of the sample at an index. */
  learn(index: number, label: number): void;
}

export interface Answer {
  /** Index of the class. */
  readonly winner: number;
  readonly confidence: number;
  /** How little it looks like what was taught; larger means less. */
  readonly strangeness: number;
}

/** What somebody said of each sample of a stream. */
export interface Course {
  readonly answers: Int16Array;
  readonly confidence: Float32Array;
  readonly strangeness: Float32Array;
  /** Of the whole course. */
  readonly answerMilliseconds: number;
  readonly lessonMilliseconds: number;
}

/** Test then train: each sample is answered before its label, where one comes, is learned (Dawid 1984). */
export function prequential(learner: StreamLearner, lessons: Int16Array): Course {
  const answers = new Int16Array(lessons.length);
  const confidence = new Float32Array(lessons.length);
  const strangeness = new Float32Array(lessons.length);
  let lessonMilliseconds = 0;
  const started = performance.now();
  for (let index = 0; index < lessons.length; index++) {
    const answer = learner.answer(index);
    answers[index] = answer.winner;
    confidence[index] = answer.confidence;
    strangeness[index] = answer.strangeness;
    if (lessons[index]! < 0) continue;
    const before = performance.now();
    learner.learn(index, lessons[index]!);
    lessonMilliseconds += performance.now() - before;
  }
  const answerMilliseconds = performance.now() - started - lessonMilliseconds;
  return { answers, confidence, strangeness, answerMilliseconds, lessonMilliseconds };
}

/**
 * Which label comes of each sample, −1 for none: a share of them by chance, of which a share names another class. The
 * labels of samples of class `untaught` never come, nor does one that names it.
 */
export function lessonsOf(
  truth: ArrayLike<number>,
  random: RandomGenerator,
  { share, wrong, classes, untaught }: LessonOptions,
): Int16Array {
  const taught = Array.from({ length: classes }, (_, k) => k).filter((k) => k !== untaught);
  return Int16Array.from({ length: truth.length }, (_, index) => {
    const label = truth[index]!;
    const comes = random.nextUniform() < share;
    const isWrong = random.nextUniform() < wrong;
    const other = random.nextInteger(Math.max(1, taught.length - 1));
    if (!comes || label < 0 || label === untaught) return -1;
    return isWrong ? taught[(taught.indexOf(label) + 1 + other) % taught.length]! : label;
  });
}

export interface LessonOptions {
  readonly share: number;
  readonly wrong: number;
  readonly classes: number;
  readonly untaught: number;
}
