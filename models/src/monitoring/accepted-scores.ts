import { anything, type KeptNumbers, kept, real, whole } from '../kept-numbers.ts';

/**
 * "That was normal", said of a score: none up to that one is above the sensitivity, until for so many readings none was
 * that would have been.
 */
export class AcceptedScores {
  /** [the score that was called normal, 0: none; readings for which it still holds; the last score] */
  readonly state = new Float64Array(3);
  readonly #normalFor: number;

  constructor(normalFor: number) {
    this.#normalFor = normalFor;
  }

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    return kept(this.state, real(0, Number.POSITIVE_INFINITY), whole(), anything);
  }

  /** The score as it is to be judged. */
  judged(score: number, sensitivity: number): number {
    const { state } = this;
    state[2] = score;
    if (state[0] === 0) return score;
    state[1] = score > sensitivity ? this.#normalFor : state[1]! - 1;
    if (state[1] <= 0) state[0] = 0;
    return score <= state[0]! ? Math.min(score, sensitivity) : score;
  }

  acceptLast(): void {
    const { state } = this;
    state[0] = Math.max(state[0]!, state[2]!);
    state[1] = this.#normalFor;
  }
}
