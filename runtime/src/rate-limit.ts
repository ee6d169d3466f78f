/** Keys that are remembered at a time. */
const MOST_KEYS = 4096;

export interface Rate {
  /** So many at once, ≥ 1, */
  readonly burst: number;
  /** and then one in so many milliseconds. */
  readonly interval: number;
}

/**
 * Holds each key to a rate, by the generic cell rate algorithm (ITU-T I.371): one number per key, the time at which all
 * it has had would have come at the even rate. A key that may have its whole burst again is forgotten; where too many
 * are remembered, a new one is refused.
 */
export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: () => number;
  /** In order of use, the least recent first. */
  readonly #due = new Map<string, number>();

  /** @param clock monotonic milliseconds */
  constructor(rate: Rate, clock: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Takes one of what a key may have; false where it may not have it now. */
  take(key: string): boolean {
    if (!this.allows(key)) return false;
    const now = this.#clock();
    const due = Math.max(this.#due.get(key) ?? now, now);
    this.#due.delete(key);
    this.#due.set(key, due + this.#rate.interval);
    return true;
  }

  /** Whether a key may have one now. */
  allows(key: string): boolean {
    const now = this.#clock();
    this.#forgetBefore(now);
    const due = this.#due.get(key);
    if (due === undefined) return this.#due.size < MOST_KEYS || this.#findRoom(now);
    return due - now <= (this.#rate.burst - 1) * this.#rate.interval;
  }

  /** One key that has had more than its neighbours hides those after it from {@link #forgetBefore}. */
  #findRoom(now: number): boolean {
    for (const [key, due] of this.#due) if (due <= now) this.#due.delete(key);
    return this.#due.size < MOST_KEYS;
  }

  #forgetBefore(now: number): void {
    for (const [key, due] of this.#due) {
      if (due > now) return;
      this.#due.delete(key);
    }
  }
}
