import { type DashboardLabels, type DashboardNamed, type DashboardReading, SHOWN_READINGS } from './source.ts';

/** Fields of a reading that are one number each, in the order of a row; the channels follow. */
const FIXED = 8;
/** Rows that there is room for at first. */
const FIRST = 32;

/** The newest readings of one net in one array, so that remembering costs neither objects nor growing memory. */
export class RecentReadings {
  readonly #channels: number;
  readonly #width: number;
  #rows: Float64Array;
  /** Of a net that names classes, what belongs to each row. */
  readonly #named: (DashboardNamed | undefined)[] = [];
  /** Of each row, the score of each monitor. */
  readonly #monitors: number;
  #scores: Float32Array;
  #added = 0;

  constructor(channels: number, monitors = 0) {
    this.#channels = channels;
    this.#monitors = monitors;
    this.#scores = new Float32Array(FIRST * monitors);
    this.#width = FIXED + 2 * channels;
    this.#rows = new Float64Array(FIRST * this.#width);
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
    if (this.#added < SHOWN_READINGS && this.#added * this.#width === this.#rows.length) this.#grow();
    const at = (this.#added % SHOWN_READINGS) * this.#width;
    this.#rows.set([seq, time, score, limit, anomaly ? 1 : 0, error, spikes, rate], at);
    this.#rows.set(values, at + FIXED);
    this.#scores.set(scores.slice(0, this.#monitors), (this.#added % SHOWN_READINGS) * this.#monitors);
    if (expected === null) this.#rows.fill(Number.NaN, at + FIXED + this.#channels, at + this.#width);
    else this.#rows.set(expected, at + FIXED + this.#channels);
    if (named !== undefined) this.#named[this.#added % SHOWN_READINGS] = named;
    this.#added++;
  }

  #grow(): void {
    const former = this.#rows;
    this.#rows = new Float64Array(Math.min(2 * former.length, SHOWN_READINGS * this.#width));
    this.#rows.set(former);
    const scores = this.#scores;
    this.#scores = new Float32Array(Math.min(2 * scores.length, SHOWN_READINGS * this.#monitors));
    this.#scores.set(scores);
  }

  /** Takes up what readings were said to be: the newest one of each time. */
  label({ time, truth }: DashboardLabels): void {
    const said = new Map(time.map((each, k) => [each, truth[k]!]));
    const oldest = Math.max(0, this.#added - SHOWN_READINGS);
    for (let k = this.#added - 1; k >= oldest && said.size > 0; k--) {
      const slot = k % SHOWN_READINGS;
      const at = this.#rows[slot * this.#width + 1]!;
      const named = this.#named[slot];
      if (named !== undefined && said.has(at)) this.#named[slot] = { ...named, truth: said.get(at)! };
      said.delete(at);
    }
  }

  /** Oldest first. */
  list(): DashboardReading[] {
    const count = Math.min(this.#added, SHOWN_READINGS);
    return Array.from({ length: count }, (_, k) => this.#read((this.#added - count + k) % SHOWN_READINGS));
  }

  /**
   * The course of the first channel, or of the score where there is none, in up to `points` whole numbers from 0, the
   * lowest, to 99.
   */
  course(points: number): number[] {
    const count = Math.min(this.#added, SHOWN_READINGS);
    const at = this.#channels > 0 ? FIXED : 2;
    const picked = Math.min(points, count);
    const values = Array.from({ length: picked }, (_, k) => {
      const index = this.#added - 1 - Math.floor(((picked - 1 - k) * count) / picked);
      return this.#rows[(index % SHOWN_READINGS) * this.#width + at]!;
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
