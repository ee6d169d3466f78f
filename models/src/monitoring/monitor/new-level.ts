import { held } from '../../held.ts';
import { type KeptState, kept, real, unknownOr, whole } from '../../kept-numbers.ts';

/** Readings in a row that have to be steady, half of them flagged, before a new level is one. */
const STEADY = 30;
/** Readings after which a shadow that found nothing steady is taken for a new, rougher usual. */
const ROUGH = 300;
/** A channel moves when its changes are this share of what they usually are. */
const LEAST_MOVEMENT = 0.1;
/** Readings over which the usual change is a mean. */
const MEMORY = 500;

/** A predictor whose errors are so many times those of its shadow is no longer at home. */
const OUTDONE = 2;

/** Where channels lie that have come to a new level, in sensor units; NaN for the others. */
export interface Level {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** By how much they went up when they came there. */
  readonly rise: Float64Array;
}

/** How the errors of a predictor were judged, by channel, in sensor units. */
export interface JudgedErrors {
  /** Their magnitudes. */
  readonly errors: ArrayLike<number>;
  /** Above these they are flagged; a change that is larger is not steady. */
  readonly limits: Float64Array;
  /** 1 where they are. */
  readonly flags: ArrayLike<number>;
}

/**
 * The shadow of a predictor while that is flagged: it expects each reading to be as the one before, and remembers where
 * they lie. When that has been right for a while where the predictor was not, and channels still move as they used to,
 * they have come to a new level: a sensor that was moved and not one that is stuck.
 *
 * It begins with a flag and ends when the predictor has been quiet for as long as a level takes. O(channels) memory.
 */
export class NewLevel {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  /** [steady readings in a row, flagged ones among them, quiet ones in a row, all since it began; 0: it has not]. */
  readonly #run = new Float64Array(4);
  /** Readings that taught the usual change. */
  readonly #taught = new Float64Array(1);
  readonly #last: Float64Array;
  readonly #usualChange: Float64Array;
  /**
   * Of the steady readings, per channel: flagged ones, the first, ends, sums of changes and of the predictor's errors.
   */
  readonly #flags: Float64Array;
  readonly #first: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #moved: Float64Array;
  readonly #missed: Float64Array;
  /** Where channels were before it began. */
  readonly #before: Float64Array;
  /** How far changes that were not steady have carried each since then, and the farthest of that. */
  readonly #carried: Float64Array;
  readonly #farthest: Float64Array;

  constructor(channels: number) {
    const array = () => new Float64Array(channels);
    this.#last = array().fill(Number.NaN);
    [this.#before, this.#usualChange, this.#flags, this.#first] = [array(), array(), array(), array()];
    [this.#low, this.#high, this.#moved, this.#missed] = [array(), array(), array(), array()];
    [this.#carried, this.#farthest] = [array(), array()];
    this.state = {
      shadow: kept(this.#run, whole()),
      shadowTaught: kept(this.#taught, whole(0, MEMORY)),
      shadowLast: kept(this.#last, unknownOr(real())),
      shadowUsualChange: kept(this.#usualChange, real(0)),
      shadowFlags: kept(this.#flags, whole()),
      shadowFirst: kept(this.#first, real()),
      shadowLow: kept(this.#low, real()),
      shadowHigh: kept(this.#high, real()),
      shadowMoved: kept(this.#moved, real(0)),
      shadowMissed: kept(this.#missed, real(0)),
      shadowBefore: kept(this.#before, unknownOr(real())),
      shadowCarried: kept(this.#carried, real()),
      shadowFarthest: kept(this.#farthest, real(0)),
    };
  }

  /** Returns the level that it has found with this reading, which is adopted with that. */
  take(sample: Float64Array, judged: JudgedErrors, learning: boolean): Level | undefined {
    const isFlagged = Array.prototype.includes.call(judged.flags, 1);
    if (!isFlagged && !this.isOpen && learning) this.#learnChange(sample);
    if (isFlagged && !this.isOpen) this.#begin(sample);
    if (isFlagged || this.isOpen) this.#follow(sample, judged, isFlagged);
    this.#last.set(sample);
    return this.#run[0]! >= STEADY && this.#isLevel(judged.limits) ? this.#adopt() : undefined;
  }

  /** Whether the predictor was flagged, and has neither been quiet for long since nor adopted a new level. */
  get isOpen(): boolean {
    return this.#run[3]! > 0;
  }

  /** Whether that has gone on for so long that errors as they come now are the usual ones. */
  get isRough(): boolean {
    return this.#run[3]! > ROUGH;
  }

  /** Whether a channel is not stuck: it changes as it used to. */
  moves(channel: number, sample: Float64Array): boolean {
    return this.#changeOf(channel, sample) > LEAST_MOVEMENT * this.#usualChange[channel]!;
  }

  #changeOf(channel: number, sample: Float64Array): number {
    return Math.abs(held(sample[channel]!) - held(this.#last[channel]!));
  }

  #learnChange(sample: Float64Array): void {
    if (Number.isNaN(this.#last[0])) return;
    const count = Math.min(this.#taught[0]! + 1, MEMORY);
    this.#taught[0] = count;
    for (let c = 0; c < sample.length; c++) {
      this.#usualChange[c]! += (this.#changeOf(c, sample) - this.#usualChange[c]!) / count;
    }
  }

  #begin(sample: Float64Array): void {
    this.#before.set(this.#last);
    this.#carried.fill(0);
    this.#farthest.fill(0);
    for (let c = 0; c < sample.length; c++) this.#carry(c, sample);
  }

  #carry(c: number, sample: Float64Array): void {
    const before = this.#last[c]!;
    if (Number.isNaN(before)) return;
    this.#carried[c] = held(this.#carried[c]! + held(sample[c]!) - held(before));
    this.#farthest[c] = Math.max(this.#farthest[c]!, Math.abs(this.#carried[c]!));
  }

  #follow(sample: Float64Array, { limits, flags, errors }: JudgedErrors, isFlagged: boolean): void {
    const run = this.#run;
    const isSteady = run[0]! > 0 && sample.every((_, c) => this.#changeOf(c, sample) <= limits[c]!);
    if (!isSteady) this.#beginRun(sample);
    for (let c = 0; c < sample.length; c++) {
      if (this.isOpen && this.#changeOf(c, sample) > limits[c]!) this.#carry(c, sample);
      if (isSteady) {
        this.#moved[c]! += this.#changeOf(c, sample);
        this.#missed[c]! += held(errors[c]!);
      }
      this.#low[c] = Math.min(this.#low[c]!, sample[c]!);
      this.#high[c] = Math.max(this.#high[c]!, sample[c]!);
      this.#flags[c]! += flags[c]!;
    }
    run[0]! += 1;
    run[1]! += isFlagged ? 1 : 0;
    run[2] = isFlagged ? 0 : run[2]! + 1;
    run[3]! += 1;
    if (run[2] > STEADY) run.fill(0);
  }

  #beginRun(sample: Float64Array): void {
    this.#run[0] = this.#run[1] = 0;
    this.#flags.fill(0);
    this.#moved.fill(0);
    this.#missed.fill(0);
    this.#first.set(sample);
    this.#low.set(sample);
    this.#high.set(sample);
  }

  /**
   * Whether a channel lies elsewhere than before, also where the predictor was quiet about that after its first flag.
   */
  #hasLeft(c: number, limit: number): boolean {
    const before = this.#before[c]!;
    return before < this.#low[c]! - limit || before > this.#high[c]! + limit;
  }

  /**
   * Whether it jumped away and back again, as a spike does: it lies where it was, even if the predictor fails there.
   */
  #hasComeBack(c: number, limit: number): boolean {
    return this.#farthest[c]! > limit && Math.abs(this.#carried[c]!) <= limit / 2;
  }

  /** Whether the shadow knows better than the predictor what comes. */
  #isOutdone(c: number): boolean {
    return this.#missed[c]! > OUTDONE * this.#moved[c]!;
  }

  /** Flagged half of the time, or outdone, or elsewhere than before, and not back there; and moving where that is. */
  #isLevel(limits: Float64Array): boolean {
    const [steady, flagged, quiet] = this.#run as unknown as readonly [number, number, number];
    if (flagged < steady / 2) {
      const isQuiet = quiet >= STEADY;
      const isElsewhere = (c: number, limit: number) => this.#isOutdone(c) || (isQuiet && this.#hasLeft(c, limit));
      const left = limits.map((limit, c) => (isElsewhere(c, limit) && !this.#hasComeBack(c, limit) ? 1 : 0));
      if (!left.includes(1)) return false;
      this.#flags.set(left);
    }
    const least = LEAST_MOVEMENT * (steady - 1);
    return this.#moved.every((moved, c) => this.#flags[c] === 0 || moved >= least * this.#usualChange[c]!);
  }

  #adopt(): Level {
    const ends = (of: Float64Array) => of.map((end, c) => (this.#flags[c] === 0 ? Number.NaN : end));
    const rise = this.#first.map((first, c) => held(first) - held(this.#before[c]!));
    const level = { low: ends(this.#low), high: ends(this.#high), rise };
    this.#run.fill(0);
    return level;
  }
}
