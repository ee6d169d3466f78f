import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Report } from '@spikewire/exchange/report';
import { RandomGenerator, SpikewireError, type TeachableCost, winnerOf } from '@spikewire/models';
import type { ClassifierKind, StreamClassifier } from '../baselines/classifier.ts';
import { classifiers } from '../baselines/classifiers.ts';
import { majorityOf } from '../baselines/majority.ts';
import { baselineLearner } from './baseline-learner.ts';
import { type ClassMeasurement, type Cost, FROZEN, SPIKING } from './class-measurement.ts';
import { classReport } from './class-report.ts';
import type { ClassTask, Trial } from './class-stream.ts';
import { accuracyOf, macroF1, meanOf } from './figures.ts';
import { type Counts, classifierOf, frontCounts, noCost } from './front.ts';
import { type CourseTruth, LEAST_OF_A_CLASS, MethodRecord, recallAfter, strangenessOf } from './method-record.ts';
import { type PreparedBase, type PreparedStream, prepareBase, prepareStream, type ViewedSamples } from './prepared.ts';
import { lessonsOf, prequential } from './prequential.ts';
import { type ReadoutLearner, taughtReadout } from './spiking.ts';
import type { TaskOptions } from './task.ts';
import { byPerson, trainedClassifierOf } from './trained-front.ts';

/** Neurons of the front that see one view. */
const NEURONS = 400;
/** Lessons of a new class after which its recall is given. */
const NEW_CLASS_LABELS = [5, 10] as const;
/**
 * The learning net and its baselines through the streams of a task, test then train, all with the same labels in the
 * same order, for each random front and each draw of labels.
 *
 * @throws `usage` where the options do not fit the task, `file` where its files are missing or damaged
 */
export async function evaluateClasses(task: ClassTask, folder: string, options: TaskOptions): Promise<Report> {
  const labels = options.labels ?? task.labels;
  if (task.needsAllLabels !== undefined && labels !== 1) {
    throw new SpikewireError(
      'usage',
      `--labels ${labels}`,
      `cannot be combined with ${task.name}`,
      `1: ${task.needsAllLabels}`,
    );
  }
  const { classes, trials } = await task.load(folder, options.seed);
  const [leftOut, added] = [indexIn(classes, options.leaveOut), indexIn(classes, options.newClass)];
  const share = options.learn ? labels : 0;
  // Where all labels come, or none, as they are, nothing is drawn.
  const draws = share === 0 || (share === 1 && options.wrong === 0) ? 1 : options.draws;
  const evaluation = new Evaluation(task, { ...options, draws }, share, classes, leftOut, added);
  for (const [k, trial] of trials.entries()) {
    for await (const done of evaluation.run(trial)) {
      options.progress(`${task.name}: trial ${k + 1} of ${trials.length} (${trial.name}), ${done}`);
    }
  }
  return classReport(evaluation.measurement);
}

function indexIn(classes: readonly string[], name: string | undefined): number {
  if (name === undefined) return -1;
  const index = classes.indexOf(name);
  if (index >= 0) return index;
  throw new SpikewireError('usage', `class "${name}"`, 'is an unknown class', classes.join(', '));
}

class Evaluation {
  readonly #task: ClassTask;
  readonly #options: TaskOptions;
  readonly #labels: number;
  readonly #classes: readonly string[];
  readonly #leftOut: number;
  readonly #added: number;
  readonly #records = new Map<string, MethodRecord>();
  readonly #majorities: number[] = [];
  readonly #strangeness: number[] = [];
  readonly #recall = NEW_CLASS_LABELS.map((): number[] => []);
  readonly #cost: Cost = {
    front: noCost(),
    answers: 0,
    answerMilliseconds: 0,
    lessons: 0,
    lessonMilliseconds: 0,
  };
  #samples = 0;
  #stateBytes = 0;
  #taught: TeachableCost | undefined;

  constructor(
    task: ClassTask,
    options: TaskOptions,
    labels: number,
    classes: readonly string[],
    leftOut: number,
    added: number,
  ) {
    this.#task = task;
    this.#options = options;
    this.#labels = labels;
    this.#classes = classes;
    this.#leftOut = leftOut;
    this.#added = added;
    for (const name of [SPIKING, FROZEN, ...classifiers.map((kind) => kind.name)]) {
      this.#records.set(name, new MethodRecord(name));
    }
  }

  get measurement(): ClassMeasurement {
    return {
      task: this.#task,
      options: this.#options,
      labels: this.#labels,
      classes: this.#classes,
      records: this.#records,
      baselines: classifiers,
      samples: this.#samples,
      majority: meanOf(this.#majorities),
      strangeness: this.#strangeness,
      recall: this.#recall,
      cost: this.#cost,
      stateBytes: this.#stateBytes,
      taught: this.#taught,
    };
  }

  async *run(trial: Trial): AsyncGenerator<string> {
    const choice = { ...this.#options, leftOut: this.#leftOut, added: this.#added };
    const base = prepareBase(trial, choice);
    const streams = trial.streams.map((stream) => prepareStream(stream, base.standard, choice));
    for (const { truth } of streams) {
      this.#samples += truth.length;
      this.#majorities.push(majorityOf(truth));
    }
    const { draws, fronts, signal } = this.#options;
    const given = streams.map((stream) => Array.from({ length: draws }, (_, draw) => this.#given(stream, draw)));
    for (const kind of classifiers) {
      signal.throwIfAborted();
      await yieldToEventLoop();
      this.#runBaseline(kind, base, streams, given);
      yield kind.name;
    }
    for (let front = 0; front < fronts; front++) {
      const classifier = await this.#classifier(base, front);
      yield `front ${front + 1}: base learned`;
      for (const [k, stream] of streams.entries()) {
        const counts = await classifier.countsOf(stream.raw);
        this.#runFrozen(classifier, front, stream, given[k]![0]!, counts);
        for (let draw = 0; draw < draws; draw++) {
          signal.throwIfAborted();
          await yieldToEventLoop();
          this.#runSpiking(classifier, front * draws + draw, stream, given[k]![draw]!, counts);
        }
        yield `front ${front + 1}, ${stream.name}`;
      }
    }
  }

  /** What comes of the labels in one draw, whatever the front. */
  #given({ name, truth, segments }: PreparedStream, draw: number): CourseTruth {
    const random = new RandomGenerator(this.#options.seed, `lessons ${draw} of ${name}`);
    const lessons = lessonsOf(truth, random, {
      share: this.#labels,
      wrong: this.#options.wrong,
      classes: this.#classes.length,
      untaught: this.#leftOut,
    });
    return { truth, segments, lessons, classes: this.#classes.length };
  }

  /** Sees no front, so that each draw counts for the runs of all of them. */
  #runBaseline(
    kind: ClassifierKind,
    { kept, held }: PreparedBase,
    streams: readonly PreparedStream[],
    given: readonly (readonly CourseTruth[])[],
  ): void {
    const { fronts, draws } = this.#options;
    const seenBy = ({ samples, both }: ViewedSamples) => (kind.view === 'both' ? both : samples);
    const base = { samples: seenBy(kept), labels: kept.labels };
    const start = kind.fit(base, { classes: this.#classes.length, weighted: this.#task.weighted === true });
    const scoreOf = (classifier: StreamClassifier) =>
      this.#scoreOf((index) => winnerOf(classifier.predict(seenBy(held)[index]!)), held.labels);
    const before = scoreOf(start());
    for (const [k, stream] of streams.entries()) {
      for (let draw = 0; draw < draws; draw++) {
        const classifier = start();
        const course = prequential(baselineLearner(classifier, stream.views[kind.view]), given[k]![draw]!.lessons);
        const runs = Array.from({ length: fronts }, (_, front) => front * draws + draw);
        this.#records.get(kind.name)!.add(runs, stream.name, course, given[k]![draw]!, before, scoreOf(classifier));
      }
    }
  }

  /** The classifier behind one front, that has learned the base. */
  async #classifier({ standard, kept, held }: PreparedBase, front: number): Promise<Classifier> {
    const { trained, neurons = NEURONS, weighted = false } = this.#task;
    const options = { standard, classes: this.#classes, neurons, weighted, seed: this.#options.seed + front };
    const learned = trained === undefined ? kept : byPerson(kept);
    const model = trained === undefined ? classifierOf(options) : await trainedClassifierOf(options, learned, trained);
    const countsOf = (samples: readonly Float64Array[]) => frontCounts(model, samples, this.#cost.front);
    const start = taughtReadout(model, await countsOf(learned.raw), learned.labels);
    const heldCounts = await countsOf(held.raw);
    const scoreOf = (learner: ReadoutLearner) =>
      this.#scoreOf((index) => learner.winnerOf(heldCounts[index]!), held.labels);
    return { start, countsOf, before: scoreOf(start([])), scoreOf };
  }

  #runSpiking(
    { start, before, scoreOf }: Classifier,
    run: number,
    stream: PreparedStream,
    given: CourseTruth,
    counts: Counts,
  ): void {
    const learner = start(counts);
    const course = prequential(learner, given.lessons);
    this.#records.get(SPIKING)!.add([run], stream.name, course, given, before, scoreOf(learner));
    this.#noteSpiking(course, stream, given, learner);
  }

  /**
   * Both halves of the front see the base's normalisation: what a net says that knows nothing but its base, in all
   * draws the same.
   */
  #runFrozen(
    { start, before }: Classifier,
    front: number,
    stream: PreparedStream,
    given: CourseTruth,
    counts: Counts,
  ): void {
    const firstHalf = counts.map((row) =>
      Uint8Array.of(...row.subarray(0, row.length / 2), ...row.subarray(0, row.length / 2)),
    );
    const course = prequential(start(firstHalf), new Int16Array(given.lessons.length).fill(-1));
    const { draws } = this.#options;
    const runs = Array.from({ length: draws }, (_, draw) => front * draws + draw);
    this.#records.get(FROZEN)!.add(runs, stream.name, course, given, before, before);
  }

  #noteSpiking(
    course: ReturnType<typeof prequential>,
    stream: PreparedStream,
    given: CourseTruth,
    { bytes, cost }: ReadoutLearner,
  ): void {
    this.#stateBytes = bytes;
    this.#taught = cost;
    this.#cost.answers += course.answers.length;
    this.#cost.answerMilliseconds += course.answerMilliseconds;
    this.#cost.lessons += given.lessons.reduce((sum, label) => sum + (label < 0 ? 0 : 1), 0);
    this.#cost.lessonMilliseconds += course.lessonMilliseconds;
    if (this.#leftOut >= 0 && stream.classes.includes(this.#leftOut)) {
      this.#strangeness.push(strangenessOf(course, (index) => stream.classes[index] === this.#leftOut));
    }
    for (const [k, count] of NEW_CLASS_LABELS.entries()) {
      const recall = this.#added < 0 ? Number.NaN : recallAfter(course, given, this.#added, count);
      if (!Number.isNaN(recall)) this.#recall[k]!.push(recall);
    }
  }

  /** By the figure of the task, of samples that nobody learns from. */
  #scoreOf(winnerOf: (index: number) => number, labels: Int32Array): number {
    const answers = Int16Array.from(labels, (_, index) => winnerOf(index));
    const all = this.#classes.map((_, k) => k);
    return this.#task.metric === 'accuracy'
      ? accuracyOf(answers, labels)
      : macroF1(answers, labels, all, LEAST_OF_A_CLASS);
  }
}

interface Classifier {
  /** Anew from the base, before the counts of a stream. */
  readonly start: (counts: Counts) => ReadoutLearner;
  readonly countsOf: (samples: readonly Float64Array[]) => Promise<Counts>;
  /** By the samples that were held back, of what the base left and of what a learner knows. */
  readonly before: number;
  readonly scoreOf: (learner: ReadoutLearner) => number;
}
