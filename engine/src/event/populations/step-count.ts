/** Steps of neurons before the first report. */
const FIRST_REPORT = 1000;

/** Counts for which steps of neurons without a closed form there was no table. */
export class StepCount {
  /** Neurons without a closed form. */
  neurons = 0;
  /** Of their steps, those that their equations made. */
  own = 0;
  #all = 0;
  #report: string | null = null;
  #next = FIRST_REPORT;

  /** Lets a window of steps pass. */
  pass(steps: number): void {
    this.#all += steps * this.neurons;
    if (this.#all < this.#next) return;
    // Said anew only when there are twice as many, so that whoever is told of changes is not told every time.
    this.#next = 2 * this.#all;
    const share = 100 * (1 - this.own / this.#all);
    this.#report = `tables for ${share.toFixed(1)} % of the steps without a closed form`;
  }

  /** For people: for which share of the steps there was a table; null before there are enough. */
  get report(): string | null {
    return this.#report;
  }
}
