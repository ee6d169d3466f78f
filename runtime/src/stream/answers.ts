/** An answer the net gave: when, at which step of the net, and what. */
export interface Answer {
  readonly time: number;
  readonly step: number;
  readonly values: Float64Array;
}

/** The newest answers, so that a lesson that comes late meets the answer it is about. Bounded: old ones are forgotten. */
export class RecentAnswers {
  readonly #capacity: number;
  readonly #answers: Answer[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(answer: Answer): void {
    if (this.#answers.length === this.#capacity) this.#answers.shift();
    this.#answers.push(answer);
  }

  /** The newest answer, or the newest one not after `time`. */
  find(time: number | undefined): Answer | undefined {
    return time === undefined ? this.#answers.at(-1) : this.#answers.findLast((answer) => answer.time <= time);
  }

  clear(): void {
    this.#answers.length = 0;
  }
}
