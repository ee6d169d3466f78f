import { printableLine } from '@spikewire/models';
import { type Rate, RateLimit } from '../rate-limit.ts';

const RATE: Rate = { burst: 20, interval: 5000 };

/**
 * The one way of lines to a log, a terminal or an answer: printable, for names in them may come from outside, and at
 * most so many of a kind. What is left out is counted and said with the next line of its kind, so that many of one kind
 * cannot hide one of another.
 */
export class Audit {
  readonly #sink: (line: string, kind: string) => void;
  readonly #limit: RateLimit;
  /** By kind. There are few, and none comes from outside. */
  readonly #leftOut = new Map<string, number>();

  /**
   * @param sink gets the kind too: an audit behind this one must keep apart what this one does
   * @param clock monotonic milliseconds
   */
  constructor(sink: (line: string, kind: string) => void, clock?: () => number, rate = RATE) {
    this.#sink = sink;
    this.#limit = new RateLimit(rate, clock);
  }

  say(kind: string, line: string): void {
    const admitted = this.admit(kind, line);
    if (admitted !== undefined) this.#sink(admitted, kind);
  }

  /** The line as it may be said now; undefined where it is left out. */
  admit(kind: string, line: string): string | undefined {
    const leftOut = this.#leftOut.get(kind) ?? 0;
    if (!this.#limit.take(kind)) {
      this.#leftOut.set(kind, leftOut + 1);
      return undefined;
    }
    this.#leftOut.delete(kind);
    return printableLine(line) + (leftOut === 0 ? '' : ` (and ${leftOut} more like this before it)`);
  }

  /** Says how many lines no later line has accounted for. */
  close(): void {
    for (const [kind, leftOut] of this.#leftOut) this.#sink(`${leftOut} more lines left out (${kind})`, kind);
    this.#leftOut.clear();
  }
}
