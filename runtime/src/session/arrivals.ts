import { RepeatedLongest } from '@spikewire/models';

/** When readings come, since a net was opened, in monotonic microseconds. */
export class Arrivals {
  /** When the last reading came, or the net was opened; when the first came since then, and how many have. */
  #last: number;
  #first = Number.NaN;
  #count = 0;
  readonly #longest = new RepeatedLongest(Number.MAX_SAFE_INTEGER);

  constructor(opened: number) {
    this.#last = opened;
  }

  /** Counts a reading. @returns milliseconds since the reading before it; NaN for the first. */
  add(arrived: number): number {
    const interval = this.#count > 0 ? (arrived - this.#last) / 1000 : Number.NaN;
    if (this.#count++ === 0) this.#first = arrived;
    else this.#longest.learn(interval);
    this.#last = arrived;
    return interval;
  }

  /**
   * Milliseconds between two readings, mean; NaN before the second. The two longest count as the third: an outage says
   * nothing of the rate.
   */
  get interval(): number {
    const time = (this.#last - this.#first) / 1000;
    return (time - this.#longest.excess) / (this.#count - 1);
  }

  /** Seconds that so many readings take at this rate; undefined where that is not known. */
  secondsOf(readings: number): number | undefined {
    const { interval } = this;
    return Number.isNaN(interval) ? undefined : (readings * interval) / 1000;
  }

  /** Milliseconds since the last reading came, or, before the first, since the net was opened. */
  silenceAt(now: number): number {
    return (now - this.#last) / 1000;
  }
}
