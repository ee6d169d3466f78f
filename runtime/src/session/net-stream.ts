import { OutputStage } from '@spikewire/engine/coding';
import type { Executor, Teaching, WindowResult } from '@spikewire/engine/executor';
import {
  type DecoderState,
  graphOf,
  type Model,
  type MonitoredReading,
  type ResolvedGraph,
  type Teachable,
  type Verdict,
  type WatchSettings,
} from '@spikewire/models';
import type { Reading } from '../reading/reading.ts';
import { Answering, type TaughtOptions } from './answering.ts';
import { Arrivals } from './arrivals.ts';
import type { GradedWork } from './graded-work.ts';
import { LARGEST_LESSON } from './lesson-signals.ts';
import { Lessons } from './lessons.ts';
import { Monitors } from './monitors.ts';
import type { NetMemory } from './net-memory.ts';
import { NetWindows } from './net-windows.ts';
import type { Gathering, Outcome } from './outcome.ts';
import { Samples } from './samples.ts';
import { isExpectation } from './session-state.ts';
import { WarmUp } from './warm-up.ts';

export interface NetStreamOptions {
  readonly seed: number;
  readonly graph: ResolvedGraph | undefined;
  readonly warmUp: number | undefined;
  readonly monitorSettings: ReadonlyMap<string, WatchSettings> | undefined;
  /** Monotonic microseconds. */
  readonly clock: () => number;
  readonly listener: (outcome: Outcome) => void;
  readonly graded: GradedWork | undefined;
  readonly taught: TaughtOptions;
}

/** How a reading is taken. */
interface Manner {
  readonly learning: boolean;
  /** Whether somebody wants the spikes of every neuron with the outcome. */
  readonly observed: boolean;
}

/** How far a stream has come. */
interface StreamPlace {
  /** Readings taken so far. */
  readonly sequence: number;
  /**
   * When the last reading that completed a sample was taken, in milliseconds; before it that of the first, 0 before
   * any.
   */
  readonly time: number;
  /** What the net expects of the next sample, in its own units. */
  readonly expected: Float64Array | undefined;
}

/** What the net expects of the next sample, in both units by the ranges as they are. */
interface Expectation {
  readonly normalised: Float64Array;
  readonly inSensorUnits: Float64Array;
}

/**
 * The stream of readings of one net: each reading becomes, with those before, a sample, its window an answer, and the
 * difference from what was expected an error that monitors judge and rules learn from. One reading at a time.
 */
export class NetStream {
  readonly graph: ResolvedGraph;
  readonly samples: Samples;
  readonly windows: NetWindows;
  readonly answering: Answering;
  readonly lessons: Lessons;
  readonly arrivals: Arrivals;
  readonly warmUp: WarmUp;
  readonly #model: Model;
  readonly #monitorSettings: NetStreamOptions['monitorSettings'];
  readonly #clock: () => number;
  readonly #listener: (outcome: Outcome) => void;
  #monitors: Monitors;
  #expected: Expectation | undefined;
  #sequence = 0;
  #time = 0;

  constructor(model: Model, executor: Executor, options: NetStreamOptions) {
    const { seed, warmUp, monitorSettings, clock, listener, graded, taught } = options;
    const graph = graphOf(model, options.graph);
    const output = new OutputStage(model, graph, seed);
    const samples = new Samples(model, graph, { seed, early: canRepeat(model, output.teachable), warmUp });
    const answering = new Answering(model, graph, { output, samples, seed }, taught);
    const windows = new NetWindows(model, executor, graph.semantics.dt, graded);
    const monitors = () => this.#monitors;
    this.lessons = new Lessons(model, graph, { samples, answering, windows, monitors });
    this.graph = graph;
    this.samples = samples;
    this.answering = answering;
    this.windows = windows;
    this.#model = model;
    this.#monitorSettings = monitorSettings;
    this.#clock = clock;
    this.#listener = listener;
    this.#monitors = this.#startMonitors();
    this.arrivals = new Arrivals(clock());
    this.warmUp = new WarmUp(warmUp, { samples, arrivals: this.arrivals, monitors });
    this.warmUp.start();
  }

  #startMonitors(): Monitors {
    const monitors = new Monitors(this.#model, this.samples.size, this.answering.output.size);
    for (const [name, settings] of this.#monitorSettings ?? []) monitors.find(name)?.preset(settings);
    return monitors;
  }

  /** What watches the stream; others after a reset. */
  get monitors(): Monitors {
    return this.#monitors;
  }

  get place(): StreamPlace {
    return { sequence: this.#sequence, time: this.#time, expected: this.#expected?.normalised };
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** How far the next sample is; undefined where each reading is one. */
  get gathering(): Gathering | undefined {
    const { done, of } = this.samples.gathering;
    return of === 1 ? undefined : { done, of, secondsLeft: this.arrivals.secondsOf(of - done) };
  }

  /**
   * Takes a reading that has arrived then, in microseconds of the clock. Rejects with `input` for a bad one, which
   * changes nothing.
   */
  async take({ time, values }: Reading, arrived: number, { learning, observed }: Manner): Promise<Outcome> {
    this.windows.expectAlive();
    const { warmsUp } = this.samples.input;
    const events = this.samples.take(values);
    const interval = this.arrivals.add(arrived);
    if (events === undefined) return this.#tell(this.#wait({ time, values }, interval, { arrived, learning }));
    const sample = this.samples.input.sample.slice();
    const normalised = this.samples.input.ready ? this.samples.normalised(sample) : undefined;
    const [error, expected] = [this.#errorOf(normalised), this.#expected?.inSensorUnits];
    const monitored = this.samples.asMonitored(error);
    const verdicts = this.#watch({ time, interval, values, sample, normalised, expected, ...monitored }, learning);
    const window = normalised && (await this.windows.run(events, this.#settingsOf(error, observed)));
    const answered = window && this.#answer(window, time, learning);
    if (answered !== undefined) verdicts.push(...answered.verdicts);
    if (window !== undefined && learning) await this.#followRanges(sample);
    // What is expected is said as it is after that.
    const isPrediction = window !== undefined && this.#monitors.predict;
    const shown = isPrediction ? { result: this.#expected?.inSensorUnits } : answered?.shown;
    this.warmUp.endIfEnough();
    if (warmsUp && !this.samples.input.warmsUp && learning) await this.lessons.relearn();
    this.#advance(time);
    return this.#tell({
      sequence: this.#sequence,
      time,
      reading: values,
      values: sample,
      result: undefined,
      ...shown,
      expected,
      verdict: this.#monitors.overall(verdicts),
      verdicts,
      error: error ? Math.hypot(...error) : Number.NaN,
      warmUp: this.warmUp.progress,
      learned: window?.taught.includes('applied') ?? false,
      spikes: answered?.spikes ?? 0,
      synapticOperations: answered?.synapticOperations ?? 0,
      latencyMicroseconds: this.#clock() - arrived,
      window,
    });
  }

  #tell(outcome: Outcome): Outcome {
    this.#listener(outcome);
    return outcome;
  }

  /** How far what was expected of a sample is from it. */
  #errorOf(normalised: Float64Array | undefined): Float64Array | undefined {
    const expected = this.#expected?.normalised;
    return expected && normalised?.map((value, channel) => expected[channel]! - value);
  }

  #expect(normalised: Float64Array | undefined): void {
    this.#expected = normalised && { normalised, inSensorUnits: this.samples.inSensorUnits(normalised) };
  }

  #watch(reading: MonitoredReading, learning: boolean): Verdict[] {
    return this.#monitors.read({ ...reading, sequence: this.#sequence + 1 }, learning);
  }

  /** Of a window that comes with an error, which rules may learn from. */
  #settingsOf(error: Float64Array | undefined, raster: boolean) {
    const signal = error?.map((value) => Math.max(-LARGEST_LESSON, Math.min(LARGEST_LESSON, value)));
    const { takingErrors } = this.lessons.rules;
    const teach: Teaching[] = signal ? takingErrors.map((connection) => ({ connection, signal })) : [];
    const { membranes } = this.answering.output;
    return { teach, hold: this.#monitors.hold, membranes, raster };
  }

  #answer(window: WindowResult, time: number, learning: boolean) {
    const { winner, values, shown } = this.answering.answer(window, time, learning && !this.#monitors.hold);
    // What a broken net gives is no expectation, and no error to learn from.
    if (this.#monitors.predict) this.#expect(isExpectation(values) ? values : undefined);
    const { spikes, synapticOperations } = this.windows.count(window);
    const verdicts = this.#monitors.answered({ time, values, winner, spikes }, learning);
    return { shown, spikes, synapticOperations, verdicts };
  }

  /**
   * Ranges follow what is usual, and move to a new level. What the net expects stays the same in sensor units; at a new
   * level, where it had seen no more than the end of its range, it expects what is there and begins anew.
   */
  async #followRanges(sample: Float64Array): Promise<void> {
    const { input } = this.samples;
    const { adopted } = this.#monitors;
    const expected = this.#expected?.inSensorUnits;
    if (adopted !== undefined && input.moveTo(adopted)) {
      this.#expect(expected && this.samples.normalised(expected.map((_, k) => sample[k]!)));
      this.answering.recent.clear();
      await this.windows.freshen();
    } else if (adopted === undefined && !this.#monitors.hold && input.follow()) {
      this.#expect(expected && this.samples.normalised(expected));
    }
  }

  #advance(time: number): void {
    if (this.#sequence > 0) this.windows.countSkipped(time - this.#time);
    this.#sequence++;
    this.#time = time;
  }

  /** A reading that completes no sample: taken in by the features and monitors, and nothing else happens. */
  #wait(
    { time, values }: Reading,
    interval: number,
    { arrived, learning }: { readonly arrived: number; readonly learning: boolean },
  ): Outcome {
    const nothing = { sample: undefined, normalised: undefined, expected: undefined, error: undefined };
    const verdicts = this.#watch({ time, interval, values, ...nothing }, learning);
    // The time before the first sample begins with the first reading.
    if (this.#sequence === 0) this.#time = time;
    this.#sequence++;
    const { gathering } = this;
    return {
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
      warmUp: this.warmUp.progress,
      learned: false,
      spikes: 0,
      synapticOperations: 0,
      latencyMicroseconds: this.#clock() - arrived,
      window: undefined,
    };
  }

  /** Forgets what was learned beside the weights; the count of readings goes on. */
  reset(): void {
    this.samples.reset();
    this.answering.reset();
    const former = this.#monitors;
    this.#monitors = this.#startMonitors();
    this.#monitors.keepSettingsOf(former);
    this.#expected = undefined;
  }

  /** Goes on from there, after what is kept was overwritten from outside. */
  restored({ sequence, time, expected }: StreamPlace): void {
    this.#sequence = sequence;
    this.#time = time;
    this.#expect(expected);
    this.answering.restored();
  }

  /** What its coding keeps, as it is saved. */
  get kept(): DecoderState {
    return {
      work: this.windows.kept,
      zeroReadings: this.samples.keptZeros,
      answers: this.answering.recent.kept,
      ...this.samples.input.state,
      ...this.answering.output.state,
      ...this.answering.taught?.state,
    };
  }

  /** What it takes beside its net. */
  get memory(): Omit<NetMemory, 'net'> {
    const { input } = this.samples;
    return {
      features: input.featureBytes,
      encoders: input.encoderBytes,
      readOut: this.answering.output.bytes,
      lessons: this.answering.lessonBytes,
      monitors: this.#monitors.watches.reduce((sum, { bytes }) => sum + bytes, 0),
      undo: this.answering.undoBytes + (this.answering.taught === undefined ? 0 : (input.scaled?.fittedBytes ?? 0)),
    };
  }
}

/** Whether lessons can be run again, because the net knows nothing of the window before. */
export function canRepeat({ learning, sample }: Model, teachable: Teachable | undefined): boolean {
  return teachable !== undefined && learning.size === 0 && sample.between === 'reset';
}
