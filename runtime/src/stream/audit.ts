import { type Rate, RateLimit } from './rate-limit.ts';

const RATE: Rate = { burst: 20, interval: 5000 };

/**
 * Lines about what was done or refused at the wish of others, at most so many of a kind. What is left out is counted and said with the next
 * line of its kind, so that many orders of one kind cannot hide one of another.
 */
export class Audit {
  readonly #sink: (line: string) => void;
  readonly #limit: RateLimit;
  /** By kind. There are few, and none comes from outside. */
  readonly #leftOut = new Map<string, number>();

  /** @param clock monotonic milliseconds */
  constructor(sink: (line: string) => void, clock?: () => number) {
    this.#sink = sink;
    this.#limit = new RateLimit(RATE, clock);
  }

  say(kind: string, line: string): void {
    const leftOut = this.#leftOut.get(kind) ?? 0;
    if (!this.#limit.take(kind)) {
      this.#leftOut.set(kind, leftOut + 1);
      return;
    }
    this.#leftOut.delete(kind);
    this.#sink(leftOut === 0 ? line : `${line} (and ${leftOut} more like this before it)`);
  }
}
