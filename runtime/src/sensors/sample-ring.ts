import type { Reading } from '../reading/reading.ts';
import type { SampleBlock } from './sensor.ts';

/** What of several samples stands together in a reading: the numbers of a channel, or those of a sample. */
export type SampleOrder = 'channels' | 'samples';

/**
 * Samples that wait to be taken, at most so many; the oldest give way and are counted. Allocates nothing on its way in.
 */
export class SampleRing {
  /** Samples that gave way. */
  dropped = 0;
  readonly #channels: number;
  readonly #capacity: number;
  readonly #origins: Float64Array;
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #changed: Int32Array;
  #first = 0;
  #length = 0;

  constructor(channels: number, capacity: number) {
    this.#channels = channels;
    this.#capacity = capacity;
    this.#origins = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#values = new Float64Array(capacity * channels);
    this.#changed = new Int32Array(capacity);
  }

  /** Samples that wait. */
  get length(): number {
    return this.#length;
  }

  /** Takes in sample `k` of a block. */
  push({ origin, times, values, changed }: SampleBlock, k: number): void {
    if (this.#length === this.#capacity) {
      this.#forget(1);
      this.dropped++;
    }
    const at = this.#place(this.#length++);
    this.#origins[at] = origin;
    this.#times[at] = times[k]!;
    this.#changed[at] = changed?.[k] ?? -1;
    for (let c = 0; c < this.#channels; c++) this.#values[at * this.#channels + c] = values[k * this.#channels + c]!;
  }

  /**
   * The first `count` samples as one reading of the time of the last: those of the first channel, then of the next; or
   * the first of all channels, then the next.
   */
  takeReading(count: number, order: SampleOrder): Reading {
    const values = new Float64Array(count * this.#channels);
    for (let k = 0; k < count; k++) {
      const sample = this.#sample(k);
      if (order === 'samples') values.set(sample, k * this.#channels);
      else for (let c = 0; c < this.#channels; c++) values[c * count + k] = sample[c]!;
    }
    const last = this.#place(count - 1);
    const time = this.#origins[last]! + 1000 * this.#times[last]!;
    this.#forget(count);
    return { time, values };
  }

  /** All samples that wait, there being some, as far as they have one origin. */
  takeBlock(): SampleBlock {
    const origin = this.#origins[this.#first]!;
    let count = 1;
    while (count < this.#length && this.#origins[this.#place(count)] === origin) count++;
    const times = Float64Array.from({ length: count }, (_, k) => this.#times[this.#place(k)]!);
    const changed = Int32Array.from({ length: count }, (_, k) => this.#changed[this.#place(k)]!);
    const values = new Float64Array(count * this.#channels);
    for (let k = 0; k < count; k++) values.set(this.#sample(k), k * this.#channels);
    this.#forget(count);
    return { origin, times, values, ...(changed[0]! < 0 ? {} : { changed }) };
  }

  #sample(k: number): Float64Array {
    const from = this.#place(k) * this.#channels;
    return this.#values.subarray(from, from + this.#channels);
  }

  #place(k: number): number {
    return (this.#first + k) % this.#capacity;
  }

  #forget(count: number): void {
    this.#first = this.#place(count);
    this.#length -= count;
  }
}
