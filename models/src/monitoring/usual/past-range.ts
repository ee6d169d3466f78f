import { FARTHEST, held } from '../../held.ts';
import { agreeing, type KeptNumbers, kept, real, whole } from '../../kept-numbers.ts';

/** Numbers that it believes as they come, before it knows how wide the range is. */
const BELIEVED = 20;
/** By how many of its widths the range may grow at once in the warm-up, and later. */
const EARLY_GROWTH = 8;
const GROWTH = 1;
/** Numbers in which it may grow by its width again. */
const PAUSE = 30;
/** Numbers in which the distance from an end to what comes fades by 1/e. */
const FADING = 100_000;

/**
 * How far a number has reached so far. What lies beyond widens the range, but after the warm-up within thirty numbers
 * by about its own width at most, so that neither an absurd reading nor a burst makes everything seem usual; ends that
 * are not reached again come nearer over months.
 */
export class PastRange {
  /** [low, high, numbers seen, widths by which it may grow now] */
  readonly state = new Float64Array(4);
  readonly #warmUp: number;

  constructor(warmUp: number) {
    this.#warmUp = warmUp;
  }

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    const { state } = this;
    const end = real(-FARTHEST, FARTHEST);
    return agreeing(kept(state, end, end, whole(), real(0, EARLY_GROWTH)), 'ends in order', (saved) => {
      return saved(state)[0]! <= saved(state)[1]!;
    });
  }

  get low(): number {
    return this.state[0]!;
  }

  get high(): number {
    return this.state[1]!;
  }

  /** Numbers that it rests on, as far as they have not faded. */
  get count(): number {
    return Math.min(this.state[2]!, FADING);
  }

  get width(): number {
    return this.high - this.low;
  }

  get middle(): number {
    return this.low / 2 + this.high / 2;
  }

  /** How far outside a number lies; 0 within, and while nothing was seen. */
  beyond(number: number): number {
    const x = held(number);
    return this.state[2] === 0 ? 0 : Math.max(0, x - this.high, this.low - x);
  }

  learn(number: number): void {
    const { state } = this;
    const x = held(number);
    if (state[2]! < BELIEVED || this.width === 0) this.#include(x);
    else this.#follow(x);
    state[2]! += 1;
  }

  /** It has reached from `low` to `high`, however far that is. */
  reach(low: number, high: number): void {
    this.#include(held(low));
    this.#include(held(high));
  }

  #include(x: number): void {
    const { state } = this;
    state[0] = state[2] === 0 ? x : Math.min(this.low, x);
    state[1] = state[2] === 0 ? x : Math.max(this.high, x);
  }

  #follow(x: number): void {
    const { state, width } = this;
    const isEarly = state[2]! < this.#warmUp;
    const allowed = isEarly ? EARLY_GROWTH : Math.min(GROWTH, state[3]! + GROWTH / PAUSE);
    const growth = Math.min(allowed, this.beyond(x) / width);
    state[3] = isEarly ? GROWTH : allowed - growth;
    const believed = Math.max(this.low - growth * width, Math.min(this.high + growth * width, x));
    this.#include(believed);
    state[0]! += (believed - this.low) / FADING;
    state[1]! -= (this.high - believed) / FADING;
  }
}
