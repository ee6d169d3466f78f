/** Readings in a row that have to be steady, half of them flagged, before a new level is one. */
const STEADY = 30;
/** Readings after which a shadow that found nothing steady is taken for a new, rougher usual. */
const ROUGH = 300;
/** A channel moves when its changes are this share of what they usually are. */
const LEAST_MOVEMENT = 0.1;
/** Readings over which the usual change is a mean. */
const MEMORY = 500;

/** Where channels lie that have come to a new level, in sensor units; NaN for the others. */
export interface Level {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * The shadow of a predictor while that is flagged: it expects each reading to be as the one before, and remembers where
 * they lie. When that has been right for a while, and channels still move as they used to, they have come to a new
 * level: a sensor that was moved and not one that is stuck.
 *
 * It begins with a flag and ends when the predictor has been quiet for as long as a level takes. O(channels) memory.
 */
export class NewLevel {
  /** Everything that changes, as views for saving and restoring. */
  readonly state: Readonly<Record<string, Float64Array>>;
  /** [steady readings in a row, flagged ones among them, quiet ones in a row, all since it began; 0: it has not]. */
  readonly #run = new Float64Array(4);
  /** Readings that taught the usual change. */
  readonly #taught = new Float64Array(1);
  readonly #last: Float64Array;
  readonly #usualChange: Float64Array;
  /** Of the steady readings, per channel: flagged ones, ends, sum of changes. */
  readonly #flags: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #moved: Float64Array;
  /** Where channels were before it began. */
  readonly #before: Float64Array;

  constructor(channels: number) {
    const array = () => new Float64Array(channels);
    this.#last = array().fill(Number.NaN);
    this.#before = array();
    [this.#usualChange, this.#flags, this.#low, this.#high, this.#moved] = [
      array(),
      array(),
      array(),
      array(),
      array(),
    ];
    this.state = {
      shadow: this.#run,
      shadowTaught: this.#taught,
      shadowLast: this.#last,
      shadowUsualChange: this.#usualChange,
      shadowFlags: this.#flags,
      shadowLow: this.#low,
      shadowHigh: this.#high,
      shadowMoved: this.#moved,
      shadowBefore: this.#before,
    };
  }

  /**
   * Takes a reading; `limits` is the change of each channel that is not steady any more, `flags` says which channels
   * are flagged. Returns the level that it has found, which is adopted with that.
   */
  take(sample: Float64Array, limits: Float64Array, flags: ArrayLike<number>, learning: boolean): Level | undefined {
    const isFlagged = Array.prototype.includes.call(flags, 1);
    if (!isFlagged && this.#run[3] === 0 && learning) this.#learnChange(sample);
    if (isFlagged && this.#run[3] === 0) this.#before.set(this.#last);
    if (isFlagged || this.#run[3]! > 0) this.#follow(sample, limits, flags, isFlagged);
    this.#last.set(sample);
    return this.#run[0]! >= STEADY && this.#isLevel(limits) ? this.#adopt() : undefined;
  }

  /**
   * Whether it has gone on for so long that errors as they come now are the usual ones, and this is no stuck channel.
   */
  isRough(channel: number, sample: Float64Array): boolean {
    const change = Math.abs(sample[channel]! - this.#last[channel]!);
    return this.#run[3]! > ROUGH && change > LEAST_MOVEMENT * this.#usualChange[channel]!;
  }

  #learnChange(sample: Float64Array): void {
    if (Number.isNaN(this.#last[0])) return;
    const count = Math.min(this.#taught[0]! + 1, MEMORY);
    this.#taught[0] = count;
    for (let c = 0; c < sample.length; c++) {
      this.#usualChange[c]! += (Math.abs(sample[c]! - this.#last[c]!) - this.#usualChange[c]!) / count;
    }
  }

  #follow(sample: Float64Array, limits: Float64Array, flags: ArrayLike<number>, isFlagged: boolean): void {
    const run = this.#run;
    const isSteady = run[0]! > 0 && sample.every((value, c) => Math.abs(value - this.#last[c]!) <= limits[c]!);
    if (!isSteady) this.#beginRun(sample);
    for (let c = 0; c < sample.length; c++) {
      if (isSteady) this.#moved[c]! += Math.abs(sample[c]! - this.#last[c]!);
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

  /** Flagged half of the time, or elsewhere than before; and moving where that is. */
  #isLevel(limits: Float64Array): boolean {
    const [steady, flagged, quiet] = this.#run as unknown as readonly [number, number, number];
    if (flagged < steady / 2) {
      const left = limits.map((limit, c) => (this.#hasLeft(c, limit) ? 1 : 0));
      if (quiet < STEADY || !left.includes(1)) return false;
      this.#flags.set(left);
    }
    const least = LEAST_MOVEMENT * (steady - 1);
    return this.#moved.every((moved, c) => this.#flags[c] === 0 || moved >= least * this.#usualChange[c]!);
  }

  #adopt(): Level {
    const ends = (of: Float64Array) => of.map((end, c) => (this.#flags[c] === 0 ? Number.NaN : end));
    const level = { low: ends(this.#low), high: ends(this.#high) };
    this.#run.fill(0);
    return level;
  }
}
