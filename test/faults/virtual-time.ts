import { setImmediate as immediate } from 'node:timers/promises';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test lets time pass; then it goes from one pause's end to the next. */
export class VirtualTime {
  /** Milliseconds since it began. */
  now = 0;
  readonly #sleepers = new Set<Sleeper>();
  readonly #settled: () => Promise<unknown>;

  /** @param settled resolves when whoever was woken has acted */
  constructor(settled: () => Promise<unknown> = () => immediate()) {
    this.#settled = settled;
  }

  readonly clock = (): number => this.now;

  readonly pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { until: this.now + milliseconds, wake: () => end() };
      const end = () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', end);
        resolve();
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', end);
    });

  /** Acts again and again until it is stopped. */
  each(milliseconds: number, act: () => void): () => void {
    const stopping = new AbortController();
    const repeat = async () => {
      for (;;) {
        await this.pause(milliseconds, stopping.signal);
        if (stopping.signal.aborted) return;
        act();
      }
    };
    void repeat();
    return () => stopping.abort();
  }

  /** Lets pauses end, in order, until something is so. Rejects where nobody waits any more. */
  async passUntil(isSo: () => boolean): Promise<void> {
    for (;;) {
      await this.#settled(); // whoever was woken acts before time goes on
      if (isSo()) return;
      const next = [...this.#sleepers].reduce<Sleeper | undefined>(
        (first, each) => (first === undefined || each.until < first.until ? each : first),
        undefined,
      );
      if (next === undefined) throw new Error(`nobody waits at ${this.now} ms`);
      this.now = Math.max(this.now, next.until);
      next.wake();
    }
  }
}
