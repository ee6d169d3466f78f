import type { Outcome } from '../session/session.ts';

/** What a net said of one reading, without its spikes. */
export interface RecentReading {
  readonly seq: number;
  readonly time: number;
  readonly values: number[];
  /** Null where nothing was expected. */
  readonly expected: number[] | null;
  readonly score: number;
  readonly anomaly: boolean;
  readonly error: number;
  readonly spikes: number;
  readonly warmUp: { readonly done: number; readonly of: number };
  readonly latencyMicroseconds: number;
}

const FIXED = 9;

/** The newest readings of one net in one array, so that remembering costs neither objects nor growing memory. */
export class RecentReadings {
  readonly #capacity: number;
  readonly #channels: number;
  readonly #width: number;
  readonly #rows: Float64Array;
  #added = 0;

  constructor(capacity: number, channels: number) {
    this.#capacity = capacity;
    this.#channels = channels;
    this.#width = FIXED + 2 * channels;
    this.#rows = new Float64Array(capacity * this.#width);
  }

  add(outcome: Outcome): void {
    const { sequence, time, verdict, error, spikes, warmUp, latencyMicroseconds, values, expected } = outcome;
    const at = (this.#added % this.#capacity) * this.#width;
    const score = verdict?.score ?? Number.NaN;
    const anomaly = verdict?.anomaly === true ? 1 : 0;
    const fixed = [sequence, time, score, anomaly, error, spikes, warmUp.done, warmUp.of, latencyMicroseconds];
    this.#rows.set(fixed, at);
    this.#rows.set(values, at + FIXED);
    if (expected === undefined) this.#rows.fill(Number.NaN, at + FIXED + this.#channels, at + this.#width);
    else this.#rows.set(expected, at + FIXED + this.#channels);
    this.#added++;
  }

  /** Oldest first. */
  list(): RecentReading[] {
    const count = Math.min(this.#added, this.#capacity);
    return Array.from({ length: count }, (_, k) => this.#read((this.#added - count + k) % this.#capacity));
  }

  #read(slot: number): RecentReading {
    const row = this.#rows.subarray(slot * this.#width, (slot + 1) * this.#width);
    const [seq, time, score, anomaly, error, spikes, done, of, latencyMicroseconds] =
      row as unknown as readonly number[] as [number, number, number, number, number, number, number, number, number];
    const expected = Array.from(row.subarray(FIXED + this.#channels));
    return {
      seq,
      time,
      values: Array.from(row.subarray(FIXED, FIXED + this.#channels)),
      expected: expected.some(Number.isNaN) ? null : expected,
      score,
      anomaly: anomaly === 1,
      error,
      spikes,
      warmUp: { done, of },
      latencyMicroseconds,
    };
  }
}
