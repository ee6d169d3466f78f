/** How much of a loss is left after the next label. */
const DISCOUNT = 0.98;
/** η: how fast the weight of an expert falls with its loss. */
const RATE = 0.5;
/** The least probability that a loss is counted for, so that no label weighs more than 3.9. */
const LEAST = 0.02;

/**
 * A mixture of experts: each is weighed by e^(−η·L), L the sum of its losses −ln p(label), discounted with each label
 * (Cesa-Bianchi and Lugosi 2006, Prediction, Learning, and Games, chapter 2; discounted as in chapter 2.11). L begins
 * with a prior. An expert that is silent has no say, and no losses.
 */
export class Experts {
  /** Discounted loss of each. */
  readonly losses: Float64Array;
  readonly #shares: Float64Array;
  readonly #isSilent: (expert: number) => boolean;

  constructor(count: number, isSilent: (expert: number) => boolean = () => false) {
    this.#isSilent = isSilent;
    this.losses = new Float64Array(count);
    this.#shares = new Float64Array(count);
  }

  /** Starts anew from what is believed of each before any label. */
  begin(priors: ArrayLike<number>): void {
    this.losses.set(priors);
  }

  /** Writes Σ weight·p over the experts, row by row in `probabilities`, into `mixed`. */
  mix(probabilities: Float64Array, mixed: Float64Array): void {
    const { shares } = this;
    mixed.fill(0);
    for (let e = 0; e < shares.length; e++) {
      const share = shares[e]!;
      if (share === 0) continue;
      for (let c = 0; c < mixed.length; c++) mixed[c]! += share * probabilities[e * mixed.length + c]!;
    }
  }

  /** What each weighs now, of 1 in all; a view that the next call changes. */
  get shares(): Float64Array {
    const { losses } = this;
    const weights = this.#shares;
    const least = losses.reduce((a, b, e) => (this.#isSilent(e) ? a : Math.min(a, b)), Number.POSITIVE_INFINITY);
    let total = 0;
    for (let e = 0; e < losses.length; e++) {
      weights[e] = this.#isSilent(e) ? 0 : Math.exp(RATE * (least - losses[e]!));
      total += weights[e]!;
    }
    for (let e = 0; e < losses.length; e++) weights[e]! /= total;
    return weights;
  }

  /** Takes the label's probability, which each expert had given before it learned. */
  learn(label: number, probabilities: Float64Array, classes: number): void {
    for (let e = 0; e < this.losses.length; e++) {
      if (this.#isSilent(e)) continue;
      const given = Math.min(1, Math.max(LEAST, probabilities[e * classes + label]!));
      this.losses[e] = DISCOUNT * this.losses[e]! - Math.log(given);
    }
  }
}
