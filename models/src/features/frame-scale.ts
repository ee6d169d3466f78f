import { type KeptState, kept, real, whole } from '../kept-numbers.ts';
import { FRAME_NUMBER } from './frame-numbers.ts';

/** Below it a deviation is rounding, in units of the mean; such numbers count as usual ones. */
const FLAT = 1e-9;

/** [channels, numbers of a frame], deviations above 0. */
export interface Usual {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * Mean and deviation of each number of a frame, channel by channel: given, or those of the first frames
 * (Welford 1962), and then they stay.
 */
export class FrameScale {
  readonly #width: number;
  /** Frames of its warm-up, and those that were found to be enough. */
  readonly #of: number;
  #enough: number;
  readonly #mean: Float64Array;
  /** Sums of squares until there are enough frames. */
  readonly #deviation: Float64Array;
  /** Frames of each channel. */
  readonly #counted: Float64Array;

  /**
   * For `channels` whose frames have `width` numbers: what is `given`, or what the first `of` frames show, 2 at least.
   */
  constructor(channels: number, width: number, usual: { readonly of: number } | Usual) {
    this.#width = width;
    this.#of = 'of' in usual ? usual.of : 0;
    this.#enough = this.#of;
    this.#mean = 'of' in usual ? new Float64Array(channels * width) : usual.mean;
    this.#deviation = 'of' in usual ? new Float64Array(channels * width) : usual.deviation;
    this.#counted = new Float64Array(channels);
  }

  /** Everything that changes, for exact save and restore. */
  get state(): KeptState<Float64Array> {
    if (this.#of === 0) return {};
    return {
      mean: kept(this.#mean, FRAME_NUMBER),
      deviation: kept(this.#deviation, real(0)),
      counted: kept(this.#counted, whole(0, this.#of)),
    };
  }

  /** So many frames are enough, where they are fewer than those of its warm-up: 2 at least. */
  limitWarmUp(frames: number): void {
    this.#enough = Math.max(2, Math.min(this.#of, frames));
  }

  /** Frames that it still takes for its warm-up. */
  get missing(): number {
    return this.#counted[0] === this.#of ? 0 : Math.max(1, this.#enough - this.#counted[0]!);
  }

  /** Takes a frame of a channel into its warm-up; whether it did, which it does no more once that is over. */
  observe(channel: number, frame: Float64Array): boolean {
    if (this.#counted[channel] === this.#of) return false;
    const n = ++this.#counted[channel]!;
    for (let k = 0, at = channel * this.#width; k < this.#width; k++, at++) {
      const change = frame[k]! - this.#mean[at]!;
      this.#mean[at]! += change / n;
      this.#deviation[at]! += change * (frame[k]! - this.#mean[at]!);
      if (n >= this.#enough) this.#deviation[at] = Math.sqrt(this.#deviation[at]! / n);
    }
    if (n >= this.#enough) this.#counted[channel] = this.#of;
    return true;
  }

  /** Number k of a channel's frame, in deviations from the mean. */
  apply(channel: number, k: number, value: number): number {
    const at = channel * this.#width + k;
    return (value - this.#mean[at]!) / unitOf(this.#deviation[at]!, this.#mean[at]!);
  }
}

function unitOf(deviation: number, mean: number): number {
  return deviation > FLAT * Math.abs(mean) ? deviation : Math.max(Math.abs(mean), 1);
}
