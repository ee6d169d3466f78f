import { exp } from '@spikewire/models';

/** A number below this is nothing; single precision ends soon after. */
const NOTHING = 1e-30;
/** A decay per step below this is none: a scale so near to 1 would not say after how many steps it is. */
const SLOWEST = 1e-15;
/** Steps whose decays are kept ready. */
const KEPT = 64;

/**
 * The one factor by which many numbers decay: number n is values[n]·scale, so that a step in which nothing is added
 * costs the same however many there are. Once the scale is next to nothing it is multiplied into the numbers.
 *
 * The scale is a function of how many steps have passed since then, and no product that goes on from step to step:
 * steps one by one and all at once end in the same bits, and so an engine that skips silent steps learns what one that
 * makes them learns.
 */
export class SharedDecay {
  /** [scale], kept with the state. */
  readonly scaling = Float64Array.of(1);
  /** dt/τ; 0 for what does not decay, Infinity for what is gone after a step. */
  readonly #rate: number;
  /** Steps after which the scale is next to nothing. */
  readonly #period: number;
  /** e^(−k·rate) for k < KEPT. */
  readonly #kept: Float64Array;
  /** Steps since the numbers were last settled, and how much of the scale is that of whole blocks of KEPT steps. */
  #steps = 0;
  #block = 0;
  #ofBlock = 1;

  constructor(tau: number, dt: number) {
    const rate = dt / tau;
    this.#rate = rate < SLOWEST ? 0 : rate;
    this.#period = Math.max(1, Math.ceil(-Math.log(NOTHING) / this.#rate));
    this.#kept = Float64Array.from({ length: KEPT }, (_, k) => (k === 0 ? 1 : exp(-k * this.#rate)));
  }

  get bytes(): number {
    return this.scaling.byteLength + this.#kept.byteLength;
  }

  /** Lets `steps` steps pass over the numbers of this scale. */
  pass(steps: number, values: Float64Array | Float32Array): void {
    let left = steps;
    while (this.#steps + left >= this.#period) {
      left -= this.#period - this.#steps;
      this.#moveTo(this.#period);
      const isDone = settle(values, this.scaling[0]!);
      this.#moveTo(0);
      if (isDone) left %= this.#period;
    }
    this.#moveTo(this.#steps + left);
  }

  reset(): void {
    this.#moveTo(0);
  }

  /** To be called after `scaling` was overwritten from outside: the steps follow from the scale. */
  restored(): void {
    const steps = this.#rate > 0 ? Math.round(-Math.log(this.scaling[0]!) / this.#rate) : 0;
    this.#moveTo(Math.max(0, Math.min(this.#period - 1, steps || 0)));
  }

  #moveTo(steps: number): void {
    const beyond = steps % KEPT;
    const block = steps - beyond;
    if (block !== this.#block) {
      this.#block = block;
      this.#ofBlock = exp(-block * this.#rate);
    }
    this.#steps = steps;
    this.scaling[0] = this.#ofBlock * this.#kept[beyond]!;
  }
}

/** Multiplies the scale into the numbers; returns whether doing so again would change nothing. */
function settle(values: Float64Array | Float32Array, scale: number): boolean {
  let isDone = true;
  for (let n = 0; n < values.length; n++) {
    const value = values[n]! * scale;
    const size = Math.abs(value);
    // Without the cut, silent neurons would end in subnormal numbers.
    values[n] = size > NOTHING ? value : 0;
    if (size > NOTHING && size < Number.POSITIVE_INFINITY) isDone = false;
  }
  return isDone;
}
