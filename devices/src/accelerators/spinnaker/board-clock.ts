/** A clock that counts steps, and waits for them. */
export interface StepClock {
  /** The step that it is now. */
  readonly step: number;
  /** Waits until a step begins; ends at once where it has begun. */
  until(step: number): Promise<void>;
}

/** Steps of real time since this clock began, in which the net on a board goes on whether it is asked or not. */
export class BoardClock implements StepClock {
  readonly #milliseconds: number;
  readonly #start = performance.now();

  /** @param milliseconds of the clock in a step, > 0 */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  get step(): number {
    return Math.floor((performance.now() - this.#start) / this.#milliseconds);
  }

  async until(step: number): Promise<void> {
    for (;;) {
      const left = this.#start + step * this.#milliseconds - performance.now();
      if (left <= 0) return;
      await new Promise((done) => setTimeout(done, left));
    }
  }
}
