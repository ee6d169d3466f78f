import { type KeptState, kept, real, whole } from '../kept-numbers.ts';
import { FRAME_NUMBER } from './frame-numbers.ts';

/** Below it a deviation is rounding, in units of the mean; such numbers count as usual ones. */
const FLAT = 1e-9;
/**
 * What a number counts for at least that tells no classes apart by its mean: after a few lessons that is chance, after
 * more than these it may tell them apart in other ways, which the read-out finds out.
 */
const LEAST_RELEVANCE = 0.05;
const FEW_LESSONS = 60;

/** [channels, numbers of a frame], deviations above 0. */
export interface Usual {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** What a lesson was about: frames of all channels, and its class. */
export interface TaughtFrames {
  /** [channels, numbers of a frame]. */
  readonly frames: Float64Array;
  readonly label: number;
}

/** How usual numbers are found. */
export interface FrameWarmUp {
  /** Frames that it takes, 2 at least. */
  readonly of: number;
  /** Whether numbers are wanted before it is over: by the frames so far, from the second on. */
  readonly early?: boolean | undefined;
}

/**
 * Mean and deviation of each number of a frame, channel by channel: given, or those of the first frames (Welford 1962),
 * or of frames that it is fitted to later.
 */
export class FrameScale {
  readonly #width: number;
  /** Frames of its warm-up, and those that were found to be enough. */
  readonly #of: number;
  #enough: number;
  readonly #early: boolean;
  readonly #mean: Float64Array;
  /** Sums of squares until there are enough frames. */
  readonly #deviation: Float64Array;
  /** Frames of each channel. */
  readonly #counted: Float64Array;
  /** What it was fitted to, in place of mean and deviation; units of 0 where it was not. */
  readonly #middle: Float64Array;
  readonly #unit: Float64Array;
  /** What each number counts for, 1 at most: its deviation is so much of the unit. */
  readonly #relevance: Float64Array;

  /** For `channels` whose frames have `width` numbers. */
  constructor(channels: number, width: number, usual: FrameWarmUp | Usual) {
    const size = channels * width;
    this.#width = width;
    this.#of = 'of' in usual ? usual.of : 0;
    this.#enough = this.#of;
    this.#early = 'of' in usual && usual.early === true;
    this.#mean = 'of' in usual ? new Float64Array(size) : usual.mean;
    this.#deviation = 'of' in usual ? new Float64Array(size) : usual.deviation;
    this.#counted = new Float64Array(channels);
    this.#middle = new Float64Array(this.#early ? size : 0);
    this.#unit = new Float64Array(this.#early ? size : 0);
    this.#relevance = new Float64Array(this.#early ? size : 0).fill(1);
  }

  /** Everything that changes, for exact save and restore. */
  get state(): KeptState<Float64Array> {
    if (this.#of === 0) return {};
    return {
      mean: kept(this.#mean, FRAME_NUMBER),
      deviation: kept(this.#deviation, real(0)),
      counted: kept(this.#counted, whole(0, this.#of)),
      ...this.fitted,
    };
  }

  /** What it was fitted to; a state of a build that could not be fitted lacks it. */
  get fitted(): KeptState<Float64Array> {
    if (!this.#early) return {};
    return {
      middle: { ...kept(this.#middle, FRAME_NUMBER), lacking: 0 },
      unit: { ...kept(this.#unit, real(0)), lacking: 0 },
      relevance: { ...kept(this.#relevance, real(0, 1)), lacking: 1 },
    };
  }

  /** Whether it gives numbers in its warm-up, and can be fitted. */
  get early(): boolean {
    return this.#early;
  }

  /** So many frames are enough, where they are fewer than those of its warm-up: 2 at least. */
  limitWarmUp(frames: number): void {
    this.#enough = Math.max(2, Math.min(this.#of, frames));
  }

  /** Whether it is in its warm-up. */
  get warmsUp(): boolean {
    return !this.#isOver(0);
  }

  /** Frames until it gives numbers. */
  get missing(): number {
    if (this.#isOver(0)) return 0;
    const wanted = this.#early ? 1 : this.#enough;
    return Math.max(this.#early ? 0 : 1, wanted - this.#counted[0]!);
  }

  #isOver(channel: number): boolean {
    return this.#counted[channel] === this.#of;
  }

  /** Lets a frame of a channel count for its warm-up; whether there are numbers for this frame. */
  observe(channel: number, frame: Float64Array): boolean {
    if (this.#isOver(channel)) return true;
    const n = ++this.#counted[channel]!;
    for (let k = 0, at = channel * this.#width; k < this.#width; k++, at++) {
      const change = frame[k]! - this.#mean[at]!;
      this.#mean[at]! += change / n;
      this.#deviation[at]! += change * (frame[k]! - this.#mean[at]!);
      if (n >= this.#enough) this.#deviation[at] = Math.sqrt(this.#deviation[at]! / n);
    }
    if (n >= this.#enough) this.#counted[channel] = this.#of;
    return this.#early && n > 1;
  }

  /** Number k of a channel's frame, in deviations from the mean. */
  apply(channel: number, k: number, value: number): number {
    const at = channel * this.#width + k;
    if (this.#unit.length > 0 && this.#unit[at]! > 0) return (value - this.#middle[at]!) / this.#unit[at]!;
    return (value - this.#mean[at]!) / unitOf(this.#deviationAt(at), this.#mean[at]!);
  }

  /** That of the warm-up, also before it is over. */
  #deviationAt(at: number): number {
    const channel = Math.floor(at / this.#width);
    if (this.#isOver(channel)) return this.#deviation[at]!;
    return Math.sqrt(this.#deviation[at]! / Math.max(1, this.#counted[channel]!));
  }

  /**
   * From now on numbers are those of lessons, two at least: in deviations from their mean, but in no smaller ones than
   * the warm-up has shown. What differs no more between classes than within them counts for less.
   */
  fit(lessons: readonly TaughtFrames[]): void {
    const classes = new Set(lessons.map(({ label }) => label));
    const spare = lessons.length - classes.size;
    const within = [...classes].map((label) => momentsOf(lessons.filter((lesson) => lesson.label === label)));
    const all = momentsOf(lessons);
    const least = Math.max(LEAST_RELEVANCE, spare / (spare + FEW_LESSONS));
    const relevance = this.#unit.map((_, at) => {
      const squares = within.reduce((sum, own) => sum + own.squares[at]!, 0);
      const unrelated = spare > 0 ? squares / spare : this.#deviationAt(at) ** 2;
      const total = all.squares[at]! / (lessons.length - 1);
      return Math.max(least, total > 0 ? 1 - unrelated / total : 0);
    });
    const most = Math.max(...relevance);
    for (let at = 0; at < this.#unit.length; at++) {
      const deviation = Math.max(Math.sqrt(all.squares[at]! / (lessons.length - 1)), this.#deviationAt(at));
      this.#middle[at] = all.mean[at]!;
      this.#relevance[at] = relevance[at]! / most;
      this.#unit[at] = unitOf(deviation, all.mean[at]!) / this.#relevance[at]!;
    }
  }

  /** Numbers are those of the warm-up again. */
  unfit(): void {
    this.#middle.fill(0);
    this.#unit.fill(0);
    this.#relevance.fill(1);
  }

  /** How large a deviation of number k of a channel's frame is, in what `apply` gives: 1 at most. */
  relevanceOf(channel: number, k: number): number {
    return this.#relevance[channel * this.#width + k] ?? 1;
  }
}

/** Of each number, mean and sum of squared deviations. */
function momentsOf(lessons: readonly TaughtFrames[]) {
  const mean = new Float64Array(lessons[0]!.frames.length);
  const squares = new Float64Array(mean.length);
  for (const [k, { frames }] of lessons.entries()) {
    for (let at = 0; at < mean.length; at++) {
      const change = frames[at]! - mean[at]!;
      mean[at]! += change / (k + 1);
      squares[at]! += change * (frames[at]! - mean[at]!);
    }
  }
  return { mean, squares };
}

function unitOf(deviation: number, mean: number): number {
  return deviation > FLAT * Math.abs(mean) ? deviation : Math.max(Math.abs(mean), 1);
}
