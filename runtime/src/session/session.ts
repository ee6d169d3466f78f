import { Exclusive, type Executor, type WindowResult } from '@spikewire/engine/executor';
import type { LearnedOnly, NonFinite } from '@spikewire/engine/network';
import {
  type Model,
  type ResolvedGraph,
  type SpikewireError,
  type StateMeaning,
  stateMeaning,
  type TeachableCost,
  type Verdict,
  type WatchSettings,
} from '@spikewire/models';
import type { Reading } from '../reading/reading.ts';
import type { TaughtOptions } from './answering.ts';
import type { GradedWork } from './graded-work.ts';
import type { LessonOutcome } from './lessons.ts';
import type { Monitors } from './monitors.ts';
import { type NetMemory, totalBytes } from './net-memory.ts';
import { NetStream } from './net-stream.ts';
import type { Overflow } from './net-windows.ts';
import type { Gathering, Outcome } from './outcome.ts';
import type { KeptLesson, KeptLessons } from './readout/kept-lessons.ts';
import type { TaughtReadout } from './readout/taught-readout.ts';
import { type AskedLearning, netIn, readSessionState, writeSessionState } from './session-state.ts';
import type { Lesson } from './teaching.ts';

export interface SessionOptions extends TaughtOptions {
  readonly seed?: number;
  /** The model's own graph, where it is resolved already. That of another model is refused. */
  readonly graph?: ResolvedGraph;
  /** What its states mean; made from the model where absent. */
  readonly meaning?: StateMeaning;
  /** Readings of the warm-up, at most the model's; absent: these, or fewer where they are slow and the net predicts. */
  readonly warmUp?: number | undefined;
  /** Settings of monitors, by their names, that hold as long as a person has set nothing else. */
  readonly monitorSettings?: ReadonlyMap<string, WatchSettings> | undefined;
  /** Monotonic microseconds. */
  readonly clock?: () => number;
  /** Called with each outcome before anything else happens to the session, so that a save never comes between. */
  readonly listener?: (outcome: Outcome) => void;
  /** Called after each lesson from which the net has learned. */
  readonly onLearned?: () => void;
  /** Whether the spikes of every neuron come with each outcome, whoever looks. */
  readonly raster?: boolean | undefined;
  /** Counts the multiplications of its windows, where somebody wants to know. */
  readonly graded?: GradedWork;
}

/**
 * One net on one stream: reading → encoder → executor → decoder → result, and beside it error or label → learning. What
 * it learned, its ranges and its place in the stream are one state that can be saved and restored.
 *
 * The net's time is that of its samples: each reading is a window of `sample.rest` and `sample.steps` steps, however
 * long ago the last one was, because encoder, decoder and weights were made for that. Of the round(Δt/dt) steps between
 * two readings (docs/semantics.md §5) at most that one window is run, also where the net continues between samples; the
 * rest is counted in `skippedSteps`. A net that continues thus knows the order of its readings, and of their distance
 * only what is in their values.
 *
 * When the executor fails, the readings it was given have been taken in by the coding but not by the net: the session
 * is then `failed` for good and has to be opened anew from its last saved state.
 */
export class Session {
  readonly model: Model;
  readonly executor: Executor;
  /** Whether somebody wants the spikes of every neuron with each outcome. */
  observed = false;
  readonly #stream: NetStream;
  readonly #raster: boolean;
  readonly #exclusive = new Exclusive();
  /** What a person has asked for, and what holds as long as nobody has. */
  #asked: AskedLearning;
  #unlessAsked = true;
  readonly #meaning: StateMeaning;
  readonly #clock: () => number;
  readonly #onLearned: () => void;

  constructor(
    model: Model,
    executor: Executor,
    {
      seed = 1,
      graph,
      meaning = stateMeaning(model),
      warmUp,
      monitorSettings,
      clock = () => performance.now() * 1000,
      listener = () => {},
      onLearned = () => {},
      graded,
      raster = false,
      ...taught
    }: SessionOptions = {},
  ) {
    this.model = model;
    this.executor = executor;
    this.#meaning = meaning;
    this.#clock = clock;
    this.#onLearned = onLearned;
    this.#raster = raster;
    this.#stream = new NetStream(model, executor, {
      seed,
      graph,
      warmUp,
      monitorSettings,
      clock,
      listener,
      graded,
      taught,
    });
  }

  get graph(): ResolvedGraph {
    return this.#stream.graph;
  }

  /** Numbers of a reading. */
  get channels(): number {
    return this.#stream.samples.input.channels;
  }

  /** Numbers of a sample, as the encoders get it: those of a reading, or those that the model's features give. */
  get sampleSize(): number {
    return this.#stream.samples.size;
  }

  /** Numbers of an answer, and so of a target. */
  get outputs(): number {
    return this.#stream.answering.output.size;
  }

  /** Readings taken so far. */
  get sequence(): number {
    return this.#stream.sequence;
  }

  /**
   * When the last reading that completed a sample was taken, in milliseconds; before it that of the first, 0 before
   * any.
   */
  get time(): number {
    return this.#stream.place.time;
  }

  /** What it takes with its net, what undoes a lesson included. */
  get bytes(): number {
    return totalBytes(this.memory);
  }

  /** The same by what it is for. */
  get memory(): NetMemory {
    return { net: this.executor.bytes, ...this.#stream.memory };
  }

  /** What its features compute for a sample, in multiply-adds, as they estimate it. */
  get featureWork(): number {
    return this.#stream.samples.input.featureWork;
  }

  /** What its read-out takes that can be taught; undefined where it has none. */
  get taughtCost(): TeachableCost | undefined {
    return this.#stream.answering.output.teachable?.cost;
  }

  get learning(): boolean {
    return this.#asked === undefined ? this.#unlessAsked : this.#asked === 'learn';
  }

  /** Why the session can no longer be used, after its executor failed. */
  get failure(): SpikewireError | undefined {
    return this.#stream.windows.failure;
  }

  /** What did not fit its number format, in the life of the net. */
  get overflow(): Overflow {
    return this.#stream.windows.overflow;
  }

  /** Membranes that left all bounds, with the node. */
  get nonFinite(): NonFinite | undefined {
    return this.#stream.windows.nonFinite;
  }

  /**
   * Steps of the time between readings that the net did not run, see above; 0 for a net that starts anew with each
   * sample.
   */
  get skippedSteps(): number {
    return this.#stream.windows.skippedSteps;
  }

  /** What watches the stream; what a person may set of each may be set here. */
  get monitors(): Monitors {
    return this.#stream.monitors;
  }

  /** Whether it learns from labels only, and not from its readings. */
  get onlyTaught(): boolean {
    return this.#stream.answering.taught !== undefined && this.model.learning.size === 0;
  }

  /** Its read-out that people teach by labels; undefined where it has none. */
  get taught(): Pick<TaughtReadout, 'figures' | 'confusion' | 'labels' | 'hasBase'> | undefined {
    return this.#stream.answering.taught;
  }

  /** Readings until ranges are known, and to the first monitor what is usual. */
  get warmUp(): { readonly done: number; readonly of: number } {
    return this.#stream.warmUp.progress;
  }

  /** Whether a warm-up was asked for that changes nothing: when it was opened or restored, there was none to come. */
  get warmUpIsVain(): boolean {
    return this.#stream.warmUp.isVain;
  }

  /** Seconds until then, at the rate of the readings so far; undefined where it is over, or that is not known. */
  get warmUpSeconds(): number | undefined {
    return this.#stream.warmUp.secondsLeft;
  }

  /** How far the next sample is; undefined where each reading is one. */
  get gathering(): Gathering | undefined {
    return this.#stream.gathering;
  }

  /**
   * Milliseconds between two readings, mean since the net was opened; NaN before the second. The two longest count as
   * the third: an outage says nothing of the rate.
   */
  get interval(): number {
    return this.#stream.arrivals.interval;
  }

  /** Milliseconds since the last reading came, or, before the first, since the net was opened. */
  get silence(): number {
    return this.#stream.arrivals.silenceAt(this.#clock());
  }

  /** Lets monitors know that time has passed; what they say of there being no reading. */
  tick(): Promise<Verdict[]> {
    const asked = this.#clock(); // readings that come while a long window runs are not known yet when it is done
    return this.#exclusive.run(async () => {
      this.#stream.windows.expectAlive();
      return this.#stream.monitors.tick(this.#stream.arrivals.silenceAt(asked));
    });
  }

  /** Takes one reading. Rejects with `input` for a bad one, which changes nothing. Calls are served in order. */
  feed(reading: Reading): Promise<Outcome> {
    const arrived = this.#clock();
    return this.#exclusive.run(() => {
      const { learning } = this;
      return this.#stream.take(reading, arrived, { learning, observed: this.observed || this.#raster });
    });
  }

  /**
   * Teaches the net about its last answer, or about the one that a late lesson names by its time: a label goes to the
   * read-out that can be taught, where there is one, and each lesson to the rules that take it.
   */
  teach(lesson: Lesson): Promise<LessonOutcome> {
    return this.#exclusive.run(async () => {
      this.#stream.windows.expectAlive();
      const outcome = await this.#stream.lessons.teach(lesson, this.learning);
      if (outcome === 'applied') this.#onLearned();
      return outcome;
    });
  }

  /**
   * Teaches its read-out lessons that a net on another base has kept, about classes of these names: each sample is run
   * through this net. What it does not have room for is left out.
   */
  teachAgain(lessons: KeptLessons, classes: readonly string[]): Promise<void> {
    return this.#exclusive.run(() => this.#stream.lessons.teachAgain(lessons, classes));
  }

  /**
   * Shows the net samples of lessons that were kept, and tells the spike counts that its read-out sees of each, a view
   * that the next one overwrites. Nothing is learned.
   */
  seeAgain(lessons: readonly KeptLesson[], see: (counts: Uint8Array, label: number) => void): Promise<void> {
    return this.#exclusive.run(() => this.#stream.lessons.seeAgain(lessons, see));
  }

  /** Undoes the last label bit for bit; false where there is none to take back. */
  takeBack(): Promise<boolean> {
    return this.#exclusive.run(async () => this.#stream.lessons.takeBack());
  }

  /** What its read-out knows now becomes the base; false where it was taught nothing. */
  settle(): Promise<boolean> {
    return this.#exclusive.run(async () => this.#stream.lessons.settle());
  }

  /** Its read-out goes back to the base. */
  returnToBase(): Promise<void> {
    return this.#exclusive.run(async () => this.#stream.lessons.returnToBase());
  }

  /**
   * Learning on, or everything learned kept as it is: weights and what monitors know of the usual. Holds, also after a
   * restart, until asked otherwise.
   */
  setLearning(on: boolean): Promise<void> {
    return this.#exclusive.run(async () => {
      await this.#stream.windows.orFail(this.executor.setLearning(on));
      this.#asked = on ? 'learn' : 'freeze';
    });
  }

  /** What holds as long as nobody has asked by `setLearning`, now or before a restart. */
  setLearningUnlessAsked(on: boolean): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#unlessAsked = on;
      await this.#applyLearning();
    });
  }

  #applyLearning(): Promise<void> {
    return this.#stream.windows.orFail(this.executor.setLearning(this.learning));
  }

  /**
   * Forgets what was learned: weights go back to the model's, ranges are learned anew. The count of readings goes on.
   */
  reset(): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#stream.windows.expectAlive();
      await this.#stream.windows.orFail(this.executor.resetLearning());
      this.#stream.reset();
    });
  }

  /**
   * The net goes back to an earlier state, or to its model where there is none; what was learned beside it stays, and
   * so does the count of readings. Rejects with `store` where that state does not fit.
   */
  returnNet(state?: Uint8Array): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#stream.windows.expectAlive();
      const resumeCounters = this.#stream.windows.keepCounters();
      await this.#stream.windows.orFail(this.executor.resetLearning());
      if (state !== undefined) await this.#stream.windows.orFail(this.executor.restore(netIn(state)));
      resumeCounters();
      await this.#applyLearning();
    });
  }

  /**
   * Everything that changes. `notes` are kept with it, for whoever runs the session; asked for at the moment of the
   * save. Rejects with `store` where a learned weight is no finite number; the session goes on.
   */
  save(notes: () => string = () => ''): Promise<Uint8Array> {
    return this.#exclusive.run(async () => {
      this.#stream.windows.expectAlive();
      return writeSessionState({
        engine: await this.#stream.windows.save(),
        meaning: this.#meaning,
        coding: this.#stream.kept,
        monitors: this.#stream.monitors.state,
        ...this.#stream.place,
        asked: this.#asked,
        notes: notes(),
      });
    });
  }

  /**
   * Continues from a saved state and returns its notes; where the executor could take only what was learned, also why.
   * Throws `store` when it does not fit; nothing has changed then.
   */
  restore(bytes: Uint8Array): Promise<{ readonly notes: string; readonly learnedOnly: LearnedOnly | undefined }> {
    return this.#exclusive.run(async () => {
      const state = readSessionState(bytes, this.#stream.kept, this.#stream.monitors.state, this.outputs);
      const resumeCounters = this.#stream.windows.keepCounters();
      const learnedOnly = await this.executor.restore(state.engine);
      state.apply();
      this.#stream.restored(learnedOnly === undefined ? state : { ...state, expected: undefined });
      if (learnedOnly !== undefined) {
        // Steps and counters stay those of the net that runs.
        resumeCounters();
        this.#stream.answering.recent.clear();
      }
      this.#asked = state.asked;
      await this.#applyLearning();
      this.#stream.warmUp.start();
      return { notes: state.notes, learnedOnly };
    });
  }

  /** Membranes of all neurons as they are now, by node. */
  membranes(): Promise<WindowResult['membranes']> {
    return this.#exclusive.run(async () => {
      this.#stream.windows.expectAlive();
      const neurons = this.graph.nodes.filter(({ kind }) => kind.role === 'neuron').map(({ name }) => name);
      return this.#stream.windows.membranes(neurons);
    });
  }

  /** Resolves when all that was asked before is done. */
  done(): Promise<void> {
    return this.#exclusive.run(async () => {});
  }

  close(): Promise<void> {
    return this.#exclusive.run(() => this.executor.close());
  }
}
