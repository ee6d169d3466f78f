import { InputStage, OutputStage } from '@spikewire/engine/coding';
import type { Executor, Teaching, WindowResult } from '@spikewire/engine/executor';
import type { LearnedOnly, NetworkCounters, NonFinite } from '@spikewire/engine/network';
import {
  type DecoderState,
  held,
  type KeptState,
  KnownRange,
  kept,
  type Model,
  type MonitoredReading,
  RepeatedLongest,
  type ResolvedGraph,
  real,
  resolveGraph,
  SpikewireError,
  type StateMeaning,
  stateMeaning,
  type Verdict,
  type WatchSettings,
  whole,
  windowSteps,
} from '@spikewire/models';
import type { Reading } from '../reading/reading.ts';
import { RecentAnswers } from './answers.ts';
import { EarlyLessons } from './early-lessons.ts';
import { Exclusive } from './exclusive.ts';
import { LARGEST_LESSON, LessonSignals } from './lesson-signals.ts';
import { Monitors, type OverallVerdict } from './monitors.ts';
import { type AskedLearning, isExpectation, readSessionState, writeSessionState } from './session-state.ts';
import { TaughtReadout, type TaughtReadoutOptions, UNKNOWN } from './taught-readout.ts';
import type { Lesson } from './teaching.ts';
import { enoughOf } from './warm-up.ts';

/** Membranes held at an end of their format, and input values cut to theirs: only integer nets have any. */
export interface Overflow extends Pick<NetworkCounters, 'saturatedHigh' | 'saturatedLow' | 'clippedInputs'> {
  /** Membranes that left all bounds, when that was last looked at; of any net. */
  readonly nonFinite: number;
}

/** What one reading gave. Numbers in sensor units unless they say otherwise. */
export interface Outcome {
  /** Number of the reading, from 1. */
  readonly sequence: number;
  readonly time: number;
  /** The numbers of the reading. */
  readonly reading: Float64Array;
  /** The sample: the numbers of the reading, or what the model's features made of it and those before. */
  readonly values: Float64Array;
  /** Present where features wait for further readings: the net has done nothing yet. */
  readonly pending?: true;
  /** How far the next sample is; present with `pending`. */
  readonly gathering?: Gathering;
  /**
   * The class, or the numbers that the decoder gave; for a predicting net the expected next reading. Undefined in the
   * warm-up, and before anything was taught.
   */
  readonly result: string | Float64Array | undefined;
  /** Where the result is "unknown": the class that it would be, if it were one of those that are known. */
  readonly likeliest?: string;
  /** The class that the net's base alone would name; undefined where it has none. */
  readonly base?: string;
  /** Calibrated probability that the class is right; undefined where the decoder knows none. */
  readonly confidence?: number;
  /** What the net had expected of this reading; undefined where it expected nothing. */
  readonly expected: Float64Array | undefined;
  /** What the model's monitors say together; undefined where none has a say. */
  readonly verdict: OverallVerdict | undefined;
  /** What each of them says that has a say. */
  readonly verdicts: readonly Verdict[];
  /** Length of the error vector in normalised units; NaN without one. */
  readonly error: number;
  readonly warmUp: { readonly done: number; readonly of: number };
  readonly learned: boolean;
  /** Spikes and synaptic operations of this reading's window. */
  readonly spikes: number;
  readonly synapticOperations: number;
  readonly latencyMicroseconds: number;
  readonly window: WindowResult | undefined;
}

/** Readings since the last sample, or since the net was opened, and those from there to the next one. */
export interface Gathering {
  readonly done: number;
  readonly of: number;
  /** Until then, at the rate of the readings so far; undefined where that is not known. */
  readonly secondsLeft: number | undefined;
}

/**
 * What came of a lesson. `frozen`: learning is off; `forgotten`: its answer is too old; `repeated`: the same was said
 * of this answer before.
 */
export type LessonOutcome = 'applied' | 'forgotten' | 'frozen' | 'repeated';

export interface SessionOptions extends Omit<TaughtReadoutOptions, 'known' | 'early'> {
  readonly seed?: number;
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
}

/** Answers that late lessons may still reach: as many windows as an engine remembers. */
const REMEMBERED_ANSWERS = 16;

/**
 * How far from the middle of its range a value may lie, in half ranges, before it counts as lying there: far beyond any
 * sensor, and finite in all that is computed from it.
 */
const FARTHEST = 1e6;

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
  readonly graph: ResolvedGraph;
  /** Whether somebody wants the spikes of every neuron with each outcome. */
  observed = false;
  /** What did not fit its number format, in the life of the net. */
  overflow: Overflow = { saturatedHigh: 0, saturatedLow: 0, clippedInputs: 0, nonFinite: 0 };
  /** The same with the node. */
  nonFinite: NonFinite | undefined;
  #input: InputStage;
  /** Readings since the last sample. */
  #gathered = 0;
  /** [newest readings in a row that are nothing but zeros], saved with the state. */
  readonly #zeroReadings = new Float64Array(1);
  #monitors: Monitors;
  #expected: Float64Array | undefined;
  /** What a person has asked for, and what holds as long as nobody has. */
  #asked: AskedLearning;
  #unlessAsked = true;
  #warmUpIsVain: boolean;
  #failure: SpikewireError | undefined;
  #sequence = 0;
  #time = 0;
  /** When the last reading came, or the net was opened; when the first came since then, and how many have. */
  #lastArrival: number;
  #firstArrival = Number.NaN;
  #arrivals = 0;
  readonly #longest = new RepeatedLongest(Number.MAX_SAFE_INTEGER);
  /** [spikes, synaptic operations of the net after the last window, skipped steps], saved with the state. */
  readonly #work = new Float64Array(3);
  #output: OutputStage;
  /** Of a net that names classes: where samples lie that it can be asked about. */
  #known: KnownRange | undefined;
  #taught: TaughtReadout | undefined;
  readonly #taughtOptions: Omit<TaughtReadoutOptions, 'known' | 'early'>;
  /** What the last lesson found that samples were standardised by. */
  #fittedBefore: readonly Float64Array[] | undefined;
  readonly #lessons: LessonSignals;
  readonly #answers: RecentAnswers;
  readonly #exclusive = new Exclusive();
  readonly #seed: number;
  readonly #meaning: StateMeaning;
  readonly #askedWarmUp: number | undefined;
  readonly #monitorSettings: ReadonlyMap<string, WatchSettings>;
  readonly #clock: () => number;
  readonly #listener: (outcome: Outcome) => void;

  constructor(
    model: Model,
    executor: Executor,
    {
      seed = 1,
      meaning = stateMeaning(model),
      warmUp,
      monitorSettings = new Map(),
      clock = () => performance.now() * 1000,
      listener = () => {},
      ...taught
    }: SessionOptions = {},
  ) {
    this.model = model;
    this.executor = executor;
    this.graph = resolveGraph(model.graph, model.semantics);
    this.#seed = seed;
    this.#meaning = meaning;
    this.#askedWarmUp = warmUp;
    this.#monitorSettings = monitorSettings;
    this.#clock = clock;
    this.#listener = listener;
    this.#output = new OutputStage(model, this.graph, seed);
    this.#input = this.#startInput();
    this.#taughtOptions = taught;
    this.#known = this.#startKnown();
    this.#taught = this.#startTaught();
    this.#answers = new RecentAnswers(REMEMBERED_ANSWERS, this.#output.size);
    this.#lessons = new LessonSignals(model, this.graph, this.#output);
    this.#monitors = this.#startMonitors();
    this.#lastArrival = clock();
    this.#warmUpIsVain = this.#isWarm;
  }

  #startInput(): InputStage {
    // Lessons can be run again where the net knows nothing of the window before.
    const canRepeat =
      this.#output.teachable !== undefined && this.model.learning.size === 0 && this.model.sample.between === 'reset';
    const input = new InputStage(this.model, this.graph, this.#seed, canRepeat);
    if (this.#askedWarmUp !== undefined) input.limitWarmUp(this.#askedWarmUp);
    return input;
  }

  #startMonitors(): Monitors {
    const monitors = new Monitors(this.model, this.#input.sample.length, this.#output.size);
    for (const [name, settings] of this.#monitorSettings) monitors.find(name)?.preset(settings);
    return monitors;
  }

  #startTaught(): TaughtReadout | undefined {
    const { teachable } = this.#output;
    const { scaled } = this.#input;
    const early = scaled && teachable && new EarlyLessons(scaled.frames.length, teachable.mostClasses);
    return teachable && new TaughtReadout(teachable, { ...this.#taughtOptions, known: this.#known, early });
  }

  #startKnown(): KnownRange | undefined {
    if (!this.#output.classifies) return undefined;
    const rangeOf = (index: number) => this.#input.steadyRangeOf(index);
    // Ranges of a net that was trained are those of its samples, others only what a number is clipped to.
    const isUntrained = this.#output.teachable !== undefined && this.model.base === undefined;
    const neverZero = this.model.sample.zeros === 'never';
    return new KnownRange(this.#input.sample.length, rangeOf, { byLessons: isUntrained, neverZero });
  }

  /** Numbers of a reading. */
  get channels(): number {
    return this.#input.channels;
  }

  /** Numbers of a sample, as the encoders get it: those of a reading, or those that the model's features give. */
  get sampleSize(): number {
    return this.#input.sample.length;
  }

  /** Numbers of an answer, and so of a target. */
  get outputs(): number {
    return this.#output.size;
  }

  /** Readings taken so far. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * When the last reading that completed a sample was taken, in milliseconds; before it that of the first, 0 before
   * any.
   */
  get time(): number {
    return this.#time;
  }

  /** What it takes with its net, estimated: beyond that, what coding and monitor keep, and what undoes a lesson. */
  get bytes(): number {
    const undo = this.#taught === undefined ? 0 : bytesOf(this.#output.state);
    const monitors = Object.values(this.#monitors.state).reduce((sum, own) => sum + bytesOf(own), 0);
    return this.executor.bytes + bytesOf(this.#coding()) + monitors + undo;
  }

  get learning(): boolean {
    return this.#asked === undefined ? this.#unlessAsked : this.#asked === 'learn';
  }

  /** Why the session can no longer be used, after its executor failed. */
  get failure(): SpikewireError | undefined {
    return this.#failure;
  }

  /**
   * Steps of the time between readings that the net did not run, see above; 0 for a net that starts anew with each
   * sample.
   */
  get skippedSteps(): number {
    return this.#work[2]!;
  }

  /** What watches the stream; what a person may set of each may be set here. */
  get monitors(): Monitors {
    return this.#monitors;
  }

  /** Whether it learns from labels only, and not from its readings. */
  get onlyTaught(): boolean {
    return this.#taught !== undefined && this.model.learning.size === 0;
  }

  /** Its read-out that people teach by labels; undefined where it has none. */
  get taught(): Pick<TaughtReadout, 'figures' | 'confusion' | 'labels'> | undefined {
    return this.#taught;
  }

  /** Readings until ranges are known, and to the first monitor what is usual. */
  get warmUp(): { readonly done: number; readonly of: number } {
    const parts = [this.#input.warmUp, this.#monitors.warmUp];
    const share = parts.every(({ done, of }) => done >= of) ? 1 : this.#warmUpShare;
    const shares = parts.map(({ done, of }) => ({ done, of: Math.ceil(share * of) }));
    const sum = (of: (part: { done: number; of: number }) => number) => of(shares[0]!) + of(shares[1]!);
    return { done: sum(({ done, of }) => Math.min(done, of)), of: sum(({ of }) => of) };
  }

  /** Whether a warm-up was asked for that changes nothing: when it was opened or restored, there was none to come. */
  get warmUpIsVain(): boolean {
    return this.#askedWarmUp !== undefined && this.#warmUpIsVain;
  }

  get #isWarm(): boolean {
    const { done, of } = this.warmUp;
    return done >= of && !this.#input.warmsUp;
  }

  /** Seconds until then, at the rate of the readings so far; undefined where it is over, or that is not known. */
  get warmUpSeconds(): number | undefined {
    const { done, of } = this.warmUp;
    if (done >= of) return undefined;
    return this.#secondsOf(this.#input.missing + (of - done - 1) * this.#input.hop);
  }

  /** How far the next sample is; undefined where each reading is one. */
  get gathering(): Gathering | undefined {
    const { missing } = this.#input;
    const of = this.#gathered + missing;
    return of === 1 ? undefined : { done: this.#gathered, of, secondsLeft: this.#secondsOf(missing) };
  }

  #secondsOf(readings: number): number | undefined {
    const { interval } = this;
    return Number.isNaN(interval) ? undefined : (readings * interval) / 1000;
  }

  /**
   * Milliseconds between two readings, mean since the net was opened; NaN before the second. The two longest count as
   * the third: an outage says nothing of the rate.
   */
  get interval(): number {
    const time = (this.#lastArrival - this.#firstArrival) / 1000;
    return (time - this.#longest.excess) / (this.#arrivals - 1);
  }

  /** Milliseconds since the last reading came, or, before the first, since the net was opened. */
  get silence(): number {
    return (this.#clock() - this.#lastArrival) / 1000;
  }

  /** How much of the declared warm-up is enough. Only a net that predicts readings was measured with less. */
  get #warmUpShare(): number {
    const of = this.#input.warmUp.of + this.#monitors.warmUp.of;
    return enoughOf(of, this.#monitors.predict ? this.interval : Number.NaN, this.#askedWarmUp);
  }

  #endWarmUp(): void {
    const share = this.#warmUpShare;
    if (share === 1) return;
    if (this.#input.ready) this.#monitors.endWarmUp(share);
    else this.#input.endWarmUp(share);
  }

  /** Lets monitors know that time has passed; what they say of there being no reading. */
  tick(): Promise<Verdict[]> {
    const asked = this.#clock(); // readings that come while a long window runs are not known yet when it is done
    return this.#exclusive.run(async () => {
      this.#expectAlive();
      return this.#monitors.tick((asked - this.#lastArrival) / 1000);
    });
  }

  /** Takes one reading. Rejects with `input` for a bad one, which changes nothing. Calls are served in order. */
  feed(reading: Reading): Promise<Outcome> {
    const arrived = this.#clock();
    return this.#exclusive.run(() => this.#feed(reading, arrived));
  }

  async #feed({ time, values }: Reading, arrived: number): Promise<Outcome> {
    this.#expectAlive();
    const { warmsUp } = this.#input;
    const input = this.#input.encode(values);
    this.#zeroReadings[0] = isDead(values) ? this.#zeroReadings[0]! + 1 : 0;
    const interval = this.#arrive(arrived);
    if (input === undefined) return this.#wait({ time, values }, interval, arrived);
    this.#gathered = 0;
    const sample = this.#input.sample.slice();
    const predicted = this.#expected;
    const normalised = this.#input.ready ? this.#normalise(sample) : undefined;
    const error = predicted && normalised?.map((value, channel) => predicted[channel]! - value);
    const expected = predicted && this.#inSensorUnits(predicted);
    const verdicts = this.#watch({ time, interval, values, sample, normalised, expected, ...this.#scaled(error) });
    const window = normalised && (await this.#runWindow(input, error));
    const answered = window && this.#answer(window, time);
    const counted = this.#countWindow(window);
    if (window !== undefined) verdicts.push(...this.#watchAnswer(time, counted.spikes));
    if (window !== undefined) await this.#followRanges(sample);
    // What is expected is said as it is after that.
    const isPrediction = answered !== undefined && this.#monitors.predict;
    const answer = isPrediction ? { result: this.#expected && this.#inSensorUnits(this.#expected) } : answered;
    this.#endWarmUp();
    if (warmsUp && !this.#input.warmsUp && this.learning) await this.#relearn();
    this.#countSkippedSteps(time);
    this.#sequence++;
    this.#time = time;
    const outcome: Outcome = {
      sequence: this.#sequence,
      time,
      reading: values,
      values: sample,
      result: undefined,
      ...answer,
      expected,
      verdict: this.#monitors.overall(verdicts),
      verdicts,
      error: error ? Math.hypot(...error) : Number.NaN,
      warmUp: this.warmUp,
      learned: window?.taught.includes('applied') ?? false,
      ...counted,
      latencyMicroseconds: this.#clock() - arrived,
      window,
    };
    this.#listener(outcome);
    return outcome;
  }

  /** Milliseconds since the reading before it; NaN for the first. */
  #arrive(arrived: number): number {
    const interval = this.#arrivals > 0 ? (arrived - this.#lastArrival) / 1000 : Number.NaN;
    if (this.#arrivals++ === 0) this.#firstArrival = arrived;
    else this.#longest.learn(interval);
    this.#lastArrival = arrived;
    return interval;
  }

  /** An error as monitors see it: its unit stays the same while ranges follow. */
  #scaled(error: Float64Array | undefined) {
    if (error === undefined) return { error };
    const growth = error.map((_, channel) => this.#input.growthOf(channel));
    return {
      error: error.map((value, channel) => held(value * growth[channel]!)),
      halfWidths: growth.map((factor, channel) => {
        const { low, high } = this.#input.rangeOf(channel);
        return (high / 2 - low / 2) / factor;
      }),
    };
  }

  /**
   * Ranges follow what is usual, and move to a new level. What the net expects stays the same in sensor units; at a new
   * level, where it had seen no more than the end of its range, it expects what is there and begins anew.
   */
  async #followRanges(sample: Float64Array): Promise<void> {
    if (!this.learning) return;
    const { adopted } = this.#monitors;
    const expected = this.#expected && this.#inSensorUnits(this.#expected);
    if (adopted !== undefined && this.#input.moveTo(adopted)) {
      this.#expected = expected && this.#normalise(expected.map((_, k) => sample[k]!));
      this.#answers.clear();
      await this.#orFail(this.executor.run({ steps: 0, input: this.#nothing(), fresh: true }));
    } else if (adopted === undefined && !this.#monitors.hold && this.#input.follow()) {
      this.#expected = expected && this.#normalise(expected);
    }
  }

  #watch(reading: MonitoredReading): Verdict[] {
    return this.#monitors.read({ ...reading, sequence: this.#sequence + 1 }, this.learning);
  }

  #watchAnswer(time: number, spikes: number): Verdict[] {
    const { winner, values } = this.#answers.find(undefined)!;
    return this.#monitors.answered({ time, values, winner, spikes }, this.learning);
  }

  /** A reading that completes no sample: taken in by the features and monitors, and nothing else happens. */
  #wait({ time, values }: Reading, interval: number, arrived: number): Outcome {
    const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
    const verdicts = this.#watch({ time, interval, values, ...nothing });
    // The time before the first sample begins with the first reading.
    if (this.#sequence === 0) this.#time = time;
    this.#sequence++;
    this.#gathered++;
    const { gathering } = this;
    const outcome: Outcome = {
      sequence: this.#sequence,
      time,
      reading: values,
      values,
      pending: true,
      ...(gathering !== undefined && { gathering }),
      result: undefined,
      expected: undefined,
      verdict: this.#monitors.overall(verdicts),
      verdicts,
      error: Number.NaN,
      warmUp: this.warmUp,
      learned: false,
      spikes: 0,
      synapticOperations: 0,
      latencyMicroseconds: this.#clock() - arrived,
      window: undefined,
    };
    this.#listener(outcome);
    return outcome;
  }

  #runWindow(
    input: WindowResult['output'],
    error: Float64Array | undefined,
    raster = this.observed,
  ): Promise<WindowResult> {
    const signal = error?.map((value) => Math.max(-LARGEST_LESSON, Math.min(LARGEST_LESSON, value)));
    const teach: Teaching[] = signal ? this.#lessons.takingErrors.map((connection) => ({ connection, signal })) : [];
    const request = {
      steps: windowSteps(this.model.sample),
      input,
      teach,
      fresh: this.model.sample.between === 'reset',
      membranes: this.#output.membranes,
      raster,
      ...(this.#monitors.hold && { hold: true }),
    };
    return this.#orFail(this.executor.run(request));
  }

  async #orFail<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (cause) {
      this.#failure ??=
        cause instanceof SpikewireError
          ? cause
          : new SpikewireError('unsupported', 'executor', String(cause), 'no failure', cause);
      throw this.#failure;
    }
  }

  #expectAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whether all readings of the sample are nothing but zeros. */
  get #isZero(): boolean {
    return this.#zeroReadings[0]! >= this.#input.span;
  }

  #countSkippedSteps(time: number): void {
    if (this.model.sample.between !== 'continue' || this.#sequence === 0) return;
    const passed = Math.round((time - this.#time) / (1000 * this.graph.semantics.dt));
    this.#work[2]! += Math.max(0, passed - windowSteps(this.model.sample));
  }

  #answer(window: WindowResult, time: number): Pick<Outcome, 'result' | 'likeliest' | 'base' | 'confidence'> {
    const { sample } = this.#input;
    const isBeyond = this.#known?.isBeyond(sample, this.#isZero) ?? false;
    const decoded = this.#output.decode(window, this.learning && !this.#monitors.hold && !isBeyond);
    const { winner, confidence } = decoded;
    const unknown = winner >= 0 && (isBeyond || decoded.unknown === true);
    const answer = decoded.values.slice();
    this.#answers.add({ time, step: window.step, winner, values: answer });
    if (this.#taught !== undefined) {
      this.#taught.remember(time, { ...decoded, unknown }, sample, this.#isZero, this.#input.scaled?.frames);
      const base = this.#taught.baseOf(decoded);
      return {
        ...named(this.#taught.nameOf(decoded), unknown),
        ...(base !== undefined && { base }),
        ...(winner < 0 || confidence === undefined ? {} : { confidence }),
      };
    }
    if (this.#monitors.predict) {
      // What a broken net gives is no expectation, and no error to learn from.
      this.#expected = isExpectation(answer) ? answer : undefined;
      return { result: undefined };
    }
    return winner < 0 ? { result: answer } : named(this.model.labels[winner] ?? String(winner), unknown);
  }

  #countWindow(window: WindowResult | undefined) {
    if (window === undefined) return { spikes: 0, synapticOperations: 0 };
    const { spikes, synapticOperations, saturatedHigh, saturatedLow, clippedInputs } = window.counters;
    this.nonFinite = window.nonFinite;
    this.overflow = { saturatedHigh, saturatedLow, clippedInputs, nonFinite: this.nonFinite?.neurons ?? 0 };
    const counted = { spikes: spikes - this.#work[0]!, synapticOperations: synapticOperations - this.#work[1]! };
    this.#work.set([spikes, synapticOperations]);
    return counted;
  }

  #normalise(values: Float64Array): Float64Array {
    return values.map((value, channel) => {
      const { low, high } = this.#input.rangeOf(channel);
      const normalised = (value - low / 2 - high / 2) / (high / 2 - low / 2);
      return Math.max(-FARTHEST, Math.min(FARTHEST, normalised));
    });
  }

  #inSensorUnits(normalised: Float64Array): Float64Array {
    return normalised.map((value, channel) => {
      const { low, high } = this.#input.rangeOf(channel);
      return held((low + high + value * (high - low)) / 2);
    });
  }

  /**
   * Teaches the net about its last answer, or about the one that a late lesson names by its time: a label goes to the
   * read-out that can be taught, where there is one, and each lesson to the rules that take it.
   */
  teach(lesson: Lesson): Promise<LessonOutcome> {
    return this.#exclusive.run(async () => {
      this.#expectAlive();
      if (this.#taught === undefined || lesson.kind !== 'label') return this.#teachRules(lesson);
      if (!this.learning) return 'frozen';
      const fitted = this.#input.scaled?.fitted.map((view) => view.slice());
      const outcome = this.#taught.teach(lesson.label, lesson.time);
      if (outcome !== 'applied') return outcome;
      this.#fittedBefore = fitted;
      if (this.#taught.isDue) await this.#relearn();
      if (this.#lessons.any) await this.#teachRules(lesson);
      return outcome;
    });
  }

  /**
   * Fits what standardises samples to the first lessons, and teaches these again from what they are then. So a state
   * that the warm-up has not shown is no less told from others.
   */
  async #relearn(): Promise<void> {
    const { scaled } = this.#input;
    const early = this.#taught?.early ?? [];
    if (scaled === undefined || early.length === 0) return;
    scaled.fit(early);
    const lessons = [];
    for (const { frames, label } of early) {
      const sample = scaled.again(frames).slice();
      const window = await this.#runWindow(this.#input.encodeAgain(sample), undefined, false);
      this.#countWindow(window);
      this.#output.decode(window, false);
      lessons.push({ evidence: this.#output.teachable!.evidence.slice(), label, sample });
    }
    this.#taught!.relearn(lessons);
    this.#taught!.rescale((frames) => scaled.again(frames));
  }

  /** Samples are standardised again as before the last lesson, or, where nothing is taught, as the warm-up says. */
  #unfit(before: readonly Float64Array[] | undefined): void {
    const { scaled } = this.#input;
    if (scaled === undefined) return;
    if (before === undefined) scaled.fit([]);
    else for (const [k, view] of scaled.fitted.entries()) view.set(before[k]!);
    this.#taught!.rescale((frames) => scaled.again(frames));
  }

  async #teachRules(lesson: Lesson): Promise<LessonOutcome> {
    const answer = this.#answers.find(lesson.time);
    // A lesson that this net cannot take is refused, however old the answer.
    const nothing = { values: new Float64Array(this.#output.size), step: 0, winner: 0, lessons: 0 };
    const { values, step, winner, lessons } = answer ?? nothing;
    const teach = this.#lessons.of(lesson, {
      values,
      step,
      winner: this.#output.classifies ? winner : undefined,
      wanted: (named) => this.#wanted(named),
      largestError: (k) => (this.#monitors.predict ? this.#usualError(k) / (1 + lessons) : LARGEST_LESSON),
    });
    if (answer === undefined) return 'forgotten';
    const { taught } = await this.#orFail(this.executor.run({ steps: 0, input: this.#nothing(), teach }));
    const outcome = taught.find((each) => each !== 'applied') ?? 'applied';
    if (outcome === 'applied') this.#answers.countLesson(answer);
    return outcome;
  }

  /**
   * The largest error of a prediction that a lesson teaches: as large as readings usually show, in half widths of a
   * channel's range as that is now, so that no lesson moves a net farther than a reading; the next one about the same
   * prediction teaches half of that, then a third. It is a power of two, which hardly ever changes from one reading to the
   * next.
   */
  #usualError(channel: number): number {
    return 2 ** Math.ceil(Math.log2(this.#monitors.usualError(channel) / this.#input.growthOf(channel)));
  }

  /** Undoes the last label bit for bit; false where there is none to take back. */
  takeBack(): Promise<boolean> {
    return this.#exclusive.run(async () => {
      const taken = this.#expectTaught().takeBack();
      if (taken) this.#unfit(this.#fittedBefore);
      return taken;
    });
  }

  /** What its read-out knows now becomes the base; false where it was taught nothing. */
  settle(): Promise<boolean> {
    return this.#exclusive.run(async () => this.#expectTaught().settle());
  }

  /** Its read-out goes back to the base. */
  returnToBase(): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#expectTaught().returnToBase();
      if (this.#output.teachable!.lessons === 0) this.#unfit(undefined);
    });
  }

  #expectTaught(): TaughtReadout {
    this.#expectAlive();
    if (this.#taught !== undefined) return this.#taught;
    throw new SpikewireError('learning', 'net', 'has no read-out that labels teach', 'a decoder such as "teachable"');
  }

  /**
   * What the answer should have been: a target as the decoder's numbers, a label as 1 for its class and 0 for the
   * others.
   */
  #wanted(lesson: Lesson & { readonly kind: 'label' | 'target' }): Float64Array {
    if (lesson.kind === 'target' && !this.#monitors.predict) return lesson.values;
    if (lesson.kind === 'target') {
      if (this.#input.ready) return this.#normalise(lesson.values);
      const expected = 'one after the warm-up of the range';
      throw new SpikewireError('input', 'lesson.target', 'comes before there is an answer', expected);
    }
    const labels = this.#taught?.figures.classes ?? this.model.labels;
    const index = labels.indexOf(lesson.label);
    if (index >= 0) return Float64Array.from({ length: this.#output.size }, (_, k) => (k === index ? 1 : 0));
    throw new SpikewireError('input', 'lesson.label', `is "${lesson.label}"`, labels.join(', ') || 'a net with labels');
  }

  #nothing(): WindowResult['output'] {
    return { step: new Int32Array(0), node: new Int32Array(0), index: new Int32Array(0), value: new Float64Array(0) };
  }

  /**
   * Learning on, or everything learned kept as it is: weights and what monitors know of the usual. Holds, also after a
   * restart, until asked otherwise.
   */
  setLearning(on: boolean): Promise<void> {
    return this.#exclusive.run(async () => {
      await this.#orFail(this.executor.setLearning(on));
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
    return this.#orFail(this.executor.setLearning(this.learning));
  }

  /**
   * Forgets what was learned: weights go back to the model's, ranges are learned anew. The count of readings goes on.
   */
  reset(): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#expectAlive();
      await this.#orFail(this.executor.resetLearning());
      this.#input = this.#startInput();
      this.#gathered = 0;
      this.#zeroReadings.fill(0);
      if (this.#taught !== undefined) {
        this.#output = new OutputStage(this.model, this.graph, this.#seed);
        this.#known = this.#startKnown();
        this.#taught = this.#startTaught();
      }
      const former = this.#monitors;
      this.#monitors = this.#startMonitors();
      this.#monitors.keepSettingsOf(former);
      this.#expected = undefined;
      this.#answers.clear();
    });
  }

  /**
   * Everything that changes. `notes` are kept with it, for whoever runs the session; asked for at the moment of the
   * save.
   */
  save(notes: () => string = () => ''): Promise<Uint8Array> {
    return this.#exclusive.run(async () => {
      this.#expectAlive();
      return writeSessionState({
        engine: await this.#orFail(this.executor.save()),
        meaning: this.#meaning,
        coding: this.#coding(),
        monitors: this.#monitors.state,
        expected: this.#expected,
        sequence: this.#sequence,
        time: this.#time,
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
      const state = readSessionState(bytes, this.#coding(), this.#monitors.state, this.#output.size);
      const counted = this.#work.slice(0, 2);
      const learnedOnly = await this.executor.restore(state.engine);
      state.apply();
      this.#answers.restored();
      this.#taught?.restored();
      if (learnedOnly !== undefined) {
        // Steps and counters stay those of the net that runs.
        this.#work.set(counted);
        this.#answers.clear();
      }
      this.#expected = learnedOnly === undefined ? state.expected : undefined;
      this.#sequence = state.sequence;
      this.#time = state.time;
      this.#asked = state.asked;
      await this.#applyLearning();
      this.#warmUpIsVain = this.#isWarm;
      return { notes: state.notes, learnedOnly };
    });
  }

  /** Membranes of all neurons as they are now, by node. */
  membranes(): Promise<WindowResult['membranes']> {
    return this.#exclusive.run(async () => {
      this.#expectAlive();
      const membranes = this.graph.nodes.filter(({ kind }) => kind.role === 'neuron').map(({ name }) => name);
      return (await this.#orFail(this.executor.run({ steps: 0, input: this.#nothing(), membranes }))).membranes;
    });
  }

  /** Resolves when all that was asked before is done. */
  done(): Promise<void> {
    return this.#exclusive.run(async () => {});
  }

  #coding(): DecoderState {
    return {
      work: kept(this.#work, real(0, Number.POSITIVE_INFINITY)),
      zeroReadings: { ...kept(this.#zeroReadings, whole()), lacking: 0 },
      answers: this.#answers.kept,
      ...this.#input.state,
      ...this.#output.state,
      ...this.#taught?.state,
    };
  }

  close(): Promise<void> {
    return this.#exclusive.run(() => this.executor.close());
  }
}

/** Zero is ordinary for one number; for several together it may be a sensor that is dead. */
function isDead(values: Float64Array): boolean {
  return values.length > 1 && values.every((value) => value === 0);
}

/** The class as the answer, or, where what was seen is unknown, as what it is most like. */
function named(name: string | undefined, unknown: boolean): Pick<Outcome, 'result' | 'likeliest'> {
  return unknown && name !== undefined ? { result: UNKNOWN, likeliest: name } : { result: name };
}

function bytesOf(state: KeptState): number {
  return Object.values(state).reduce((sum, { view }) => sum + view.byteLength, 0);
}
