import { type DashboardLabels, type DashboardNamed, type DashboardReading, SHOWN_READINGS } from './source.ts';

/** Fields of a reading that are one number each, in the order of a row; the channels follow. */
const FIXED = 8;
/** Rows that there is room for at first. */
const FIRST = 32;

/**
 * The newest readings of one net in one array, so that remembering costs neither objects nor growing memory: up to
 * {@link SHOWN_READINGS}, or as many as there is room for.
 */
export class RecentReadings {
  readonly #channels: number;
  readonly #width: number;
  readonly #takeRoom: (readings: number) => boolean;
  #rows: Float64Array;
  /** Of a net that names classes, what belongs to each row. */
  #named: (DashboardNamed | undefined)[] = [];
  /** Of each row, the score of each monitor. */
  readonly #monitors: number;
  #scores: Float32Array;
  #capacity = FIRST;
  #count = 0;
  /** Row of the oldest. */
  #first = 0;

  /** @param takeRoom whether there is room for so many more, which then are taken; without it there is */
  constructor(channels: number, monitors = 0, takeRoom: (readings: number) => boolean = () => true) {
    this.#channels = channels;
    this.#monitors = monitors;
    this.#takeRoom = takeRoom;
    this.#scores = new Float32Array(FIRST * monitors);
    this.#width = FIXED + 2 * channels;
    this.#rows = new Float64Array(FIRST * this.#width);
  }

  /** Readings that it has room for. */
  get capacity(): number {
    return this.#capacity;
  }

  add({
    seq,
    time,
    score,
    scores = [],
    limit,
    anomaly,
    error,
    spikes,
    rate,
    values,
    expected,
    named,
  }: DashboardReading): void {
    const slot = this.#nextSlot();
    const at = slot * this.#width;
    this.#rows.set([seq, time, score, limit, anomaly ? 1 : 0, error, spikes, rate], at);
    this.#rows.set(values, at + FIXED);
    this.#scores.set(scores.slice(0, this.#monitors), slot * this.#monitors);
    if (expected === null) this.#rows.fill(Number.NaN, at + FIXED + this.#channels, at + this.#width);
    else this.#rows.set(expected, at + FIXED + this.#channels);
    if (named !== undefined) this.#named[slot] = named;
  }

  /** Where there is no room for more, that of the oldest. */
  #nextSlot(): number {
    if (this.#count === this.#capacity && this.#capacity < SHOWN_READINGS) this.#grow();
    if (this.#count < this.#capacity) return this.#slot(this.#count++);
    const oldest = this.#first;
    this.#first = this.#slot(1);
    return oldest;
  }

  /** Of the k-th reading, from the oldest on. */
  #slot(k: number): number {
    return (this.#first + k) % this.#capacity;
  }

  #grow(): void {
    const more = Math.min(this.#capacity, SHOWN_READINGS - this.#capacity);
    if (!this.#takeRoom(more)) return;
    this.#resize(this.#capacity + more);
  }

  /** Forgets all but the newest few; returns for how many readings that makes room. */
  shrink(): number {
    const freed = this.#capacity - FIRST;
    if (freed > 0) this.#resize(FIRST);
    return freed;
  }

  /** Keeps the newest ones, as many as there is room for. */
  #resize(capacity: number): void {
    const kept = Math.min(this.#count, capacity);
    const slots = Array.from({ length: kept }, (_, k) => this.#slot(this.#count - kept + k));
    const rows = new Float64Array(capacity * this.#width);
    const scores = new Float32Array(capacity * this.#monitors);
    for (const [k, slot] of slots.entries()) {
      rows.set(this.#rows.subarray(slot * this.#width, (slot + 1) * this.#width), k * this.#width);
      scores.set(this.#scores.subarray(slot * this.#monitors, (slot + 1) * this.#monitors), k * this.#monitors);
    }
    this.#named = slots.map((slot) => this.#named[slot]);
    [this.#rows, this.#scores] = [rows, scores];
    [this.#first, this.#count, this.#capacity] = [0, kept, capacity];
  }

  /** Takes up what readings were said to be: the newest one of each time. */
  label({ time, truth }: DashboardLabels): void {
    const said = new Map(time.map((each, k) => [each, truth[k]!]));
    for (let k = this.#count - 1; k >= 0 && said.size > 0; k--) {
      const slot = this.#slot(k);
      const at = this.#rows[slot * this.#width + 1]!;
      const named = this.#named[slot];
      if (named !== undefined && said.has(at)) this.#named[slot] = { ...named, truth: said.get(at)! };
      said.delete(at);
    }
  }

  /** Oldest first. */
  list(): DashboardReading[] {
    return Array.from({ length: this.#count }, (_, k) => this.#read(this.#slot(k)));
  }

  /**
   * The course of the first channel, or of the score where there is none, in up to `points` whole numbers from 0, the
   * lowest, to 99.
   */
  course(points: number): number[] {
    const count = this.#count;
    const at = this.#channels > 0 ? FIXED : 2;
    const picked = Math.min(points, count);
    const values = Array.from({ length: picked }, (_, k) => {
      const index = count - 1 - Math.floor(((picked - 1 - k) * count) / picked);
      return this.#rows[this.#slot(index) * this.#width + at]!;
    }).filter(Number.isFinite);
    // In parts of the largest, so that no difference is too large for a number.
    const largest = Math.max(...values.map(Math.abs));
    const shares = values.map((value) => value / largest);
    const [low, high] = [Math.min(...shares), Math.max(...shares)];
    return shares.map((share) => (high > low ? Math.round((99 * (share - low)) / (high - low)) : 50));
  }

  #read(slot: number): DashboardReading {
    const row = Array.from(this.#rows.subarray(slot * this.#width, (slot + 1) * this.#width));
    const [seq, time, score, limit, anomaly, error, spikes, rate] = row as [
      ...[number, number, number, number],
      ...[number, number, number, number],
    ];
    const values = row.slice(FIXED, FIXED + this.#channels);
    const expected = row.slice(FIXED + this.#channels);
    const named = this.#named[slot];
    const isExpected = !expected.some(Number.isNaN);
    const scores = Array.from(this.#scores.subarray(slot * this.#monitors, (slot + 1) * this.#monitors));
    const fixed = { seq, time, score, limit, anomaly: anomaly === 1, error, spikes, rate };
    return {
      ...fixed,
      values,
      expected: isExpected ? expected : null,
      ...(this.#monitors > 0 && { scores }),
      ...(named && { named }),
    };
  }
}
