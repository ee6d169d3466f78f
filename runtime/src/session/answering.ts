import { OutputStage } from '@spikewire/engine/coding';
import type { WindowResult } from '@spikewire/engine/executor';
import { type Decoded, KnownRange, type Model, type ResolvedGraph } from '@spikewire/models';
import { RecentAnswers } from './answers.ts';
import type { Outcome } from './outcome.ts';
import { EarlyLessons } from './readout/early-lessons.ts';
import { KeptLessons } from './readout/kept-lessons.ts';
import { TaughtReadout, type TaughtReadoutOptions, UNKNOWN } from './readout/taught-readout.ts';
import type { Samples } from './samples.ts';

/** Answers that late lessons may still reach: as many windows as an engine remembers. */
const REMEMBERED_ANSWERS = 16;

/** How its read-out is taught, and whether the lessons are kept for a net on another base; see `KeptLessons`. */
export interface TaughtOptions extends Omit<TaughtReadoutOptions, 'known' | 'early' | 'lessons'> {
  readonly keepLessons?: boolean | undefined;
}

/** A sample that a window was run for. */
export interface AnsweredSample {
  readonly sample: Float64Array;
  /** Whether its reading was nothing but zeros. */
  readonly isZero: boolean;
  /** What its features had before they were standardised by a scale that can be fitted. */
  readonly frames: Float64Array | undefined;
}

/** What the decoder gave for a window, and what that is for people. */
interface Answer {
  readonly winner: number;
  readonly values: Float64Array;
  readonly shown: Pick<Outcome, 'result' | 'likeliest' | 'base' | 'confidence'>;
}

/** The answers of one net: from what a window gave to a class or to numbers, and what is kept of the newest. */
export class Answering {
  /** The newest answers. */
  readonly recent: RecentAnswers;
  readonly #model: Model;
  readonly #samples: Samples;
  readonly #start: () => OutputStage;
  readonly #taughtOptions: TaughtOptions;
  readonly #seed: number;
  #output: OutputStage;
  /** Of a net that names classes: where samples lie that it can be asked about. */
  #known: KnownRange | undefined;
  #taught: TaughtReadout | undefined;

  /** `output` is the one to begin with. */
  constructor(
    model: Model,
    graph: ResolvedGraph,
    { output, samples, seed }: { output: OutputStage; samples: Samples; seed: number },
    taughtOptions: TaughtOptions,
  ) {
    this.#model = model;
    this.#samples = samples;
    this.#start = () => new OutputStage(model, graph, seed);
    this.#taughtOptions = taughtOptions;
    this.#seed = seed;
    this.#output = output;
    this.#known = this.#startKnown();
    this.#taught = this.#startTaught();
    this.recent = new RecentAnswers(REMEMBERED_ANSWERS, output.size);
  }

  #startKnown(): KnownRange | undefined {
    if (!this.#output.classifies) return undefined;
    const rangeOf = (index: number) => this.#samples.input.steadyRangeOf(index);
    // Ranges of a net that was trained are those of its samples, others only what a number is clipped to.
    const isUntrained = this.#output.teachable !== undefined && this.#model.base === undefined;
    const neverZero = this.#model.sample.zeros === 'never';
    return new KnownRange(this.#samples.size, rangeOf, { byLessons: isUntrained, neverZero });
  }

  #startTaught(): TaughtReadout | undefined {
    const { teachable } = this.#output;
    const { scaled } = this.#samples.input;
    const early = scaled && teachable && new EarlyLessons(scaled.frames.length, teachable.mostClasses);
    const { keepLessons = false, ...options } = this.#taughtOptions;
    const lessons = keepLessons ? this.emptyLessons() : undefined;
    return teachable && new TaughtReadout(teachable, { ...options, known: this.#known, early, lessons });
  }

  /** Memory for lessons of its samples and classes. */
  emptyLessons(): KeptLessons | undefined {
    const { teachable } = this.#output;
    const size = this.#samples.input.scaled?.frames.length ?? this.#samples.size;
    return teachable && new KeptLessons(size, teachable.mostClasses, this.#seed);
  }

  /** Bytes of what is kept of windows and lessons. */
  get lessonBytes(): number {
    return this.recent.bytes + (this.#known?.bytes ?? 0) + (this.#taught?.bytes ?? 0);
  }

  /** Bytes more from the first lesson on. */
  get undoBytes(): number {
    if (this.#taught === undefined) return 0;
    return this.#output.teachable!.cost.undoBytes + (this.#known?.shownBytes ?? 0);
  }

  /** The decoder; another one after a reset of a net that labels teach. */
  get output(): OutputStage {
    return this.#output;
  }

  /** The read-out that people teach by labels; undefined where there is none. */
  get taught(): TaughtReadout | undefined {
    return this.#taught;
  }

  /**
   * The answer of a window to a sample, that which was taken last where none is given. `learning`: whether the decoder
   * may learn of it without a label.
   */
  answer(window: WindowResult, time: number, learning: boolean, of: AnsweredSample = this.#last): Answer {
    const { sample, isZero, frames } = of;
    const isBeyond = this.#known?.isBeyond(sample, isZero) ?? false;
    const votes = this.#taught?.votesOn(frames);
    const decoded = this.#output.decode(window, learning && !isBeyond, votes);
    const { winner } = decoded;
    const unknown = winner >= 0 && (isBeyond || decoded.unknown === true);
    const values = decoded.values.slice();
    this.recent.add({ time, step: window.step, winner, values });
    if (this.#taught !== undefined) {
      this.#taught.remember(time, { ...decoded, unknown }, sample, isZero, frames);
      return { winner, values, shown: shownByTaught(this.#taught, decoded, unknown) };
    }
    const shown = winner < 0 ? { result: values } : named(this.#model.labels[winner] ?? String(winner), unknown);
    return { winner, values, shown };
  }

  get #last(): AnsweredSample {
    const { isZero, input } = this.#samples;
    return { sample: input.sample, isZero, frames: input.scaled?.frames };
  }

  /** Forgets what labels have taught. */
  reset(): void {
    this.recent.clear();
    if (this.#taught === undefined) return;
    this.#output = this.#start();
    this.#known = this.#startKnown();
    this.#taught = this.#startTaught();
  }

  /** To be called after its state was overwritten from outside. */
  restored(): void {
    this.recent.restored();
    this.#taught?.restored();
  }
}

function shownByTaught(taught: TaughtReadout, decoded: Decoded, unknown: boolean): Answer['shown'] {
  const base = taught.baseOf(decoded);
  const { winner, confidence } = decoded;
  return {
    ...named(taught.nameOf(decoded), unknown),
    ...(base !== undefined && { base }),
    ...(winner < 0 || confidence === undefined ? {} : { confidence }),
  };
}

/** The class as the answer, or, where what was seen is unknown, as what it is most like. */
function named(name: string | undefined, unknown: boolean): Pick<Outcome, 'result' | 'likeliest'> {
  return unknown && name !== undefined ? { result: UNKNOWN, likeliest: name } : { result: name };
}
