/**
 * From the publication of a reading to the arrival of its answer, with up to `underWay` readings on their way at the
 * same time.
 */
export interface LatencySummary {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly answers: number;
  readonly underWay: number;
}

/** Times between a message and its answer, in milliseconds; memory for a fixed number of them. */
export class LatencyRecord {
  readonly #times: Float64Array;
  readonly #pending = new Map<string, number>();
  #count = 0;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
  }

  sent(key: string): void {
    this.#pending.set(key, performance.now());
  }

  arrived(key: string): void {
    const sent = this.#pending.get(key);
    if (sent === undefined || this.#count === this.#times.length) return;
    this.#pending.delete(key);
    this.#times[this.#count++] = performance.now() - sent;
  }

  get count(): number {
    return this.#count;
  }

  summarise(underWay: number): LatencySummary {
    return { p50: this.quantile(0.5), p99: this.quantile(0.99), answers: this.count, underWay };
  }

  /** The time that a share `p` (0…1) of the answers did not exceed; NaN without answers. */
  quantile(p: number): number {
    if (this.#count === 0) return Number.NaN;
    const sorted = this.#times.slice(0, this.#count).sort();
    return sorted[Math.min(this.#count - 1, Math.floor(p * this.#count))]!;
  }
}
