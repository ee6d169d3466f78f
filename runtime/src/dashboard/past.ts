import { printableLine } from '@spikewire/models';
import { type Said, sentenceOf } from '../desk/said.ts';
import { type DashboardPast, type DashboardReading, type DashboardStretch, SHOWN_CHANNELS } from './source.ts';

/** Buckets that the whole time of a net is kept in. */
const BUCKETS = 96;
const STRETCHES = 16;
/** Flagged readings that are no farther from each other belong to one stretch. */
const GAP = 60;
const LONGEST_REASON = 160;
/** Numbers of a bucket before those of its channels: time of its first reading, readings, flags, highest score. */
const FIXED = 4;
const VERSION = 1;

/**
 * All that a net has read, in bounded room: buckets of readings with the least and the most of each channel, and the
 * newest stretches of flagged readings. Buckets grow with the root of their age, so that what was lately is seen in
 * more detail than what was long ago, and all of it on one axis. A text of some kilobytes takes it through a restart.
 */
export class Past {
  readonly #channels: number;
  readonly #width: number;
  /** Oldest first; those of the lowest values of each channel are followed by those of the highest. */
  readonly #rows: Float64Array;
  #count = 0;
  #stretches: DashboardStretch[] = [];

  /** @param channels numbers of a reading; more than can be shown are left out */
  constructor(channels: number) {
    this.#channels = Math.min(channels, SHOWN_CHANNELS);
    this.#width = FIXED + 2 * this.#channels;
    this.#rows = new Float64Array(BUCKETS * this.#width);
  }

  add(reading: DashboardReading): void {
    const { seq, time, score, anomaly, said = [] } = reading;
    if (this.#count === BUCKETS) this.#mergeTwo();
    const values = Array.from({ length: this.#channels }, (_, k) => reading.values[k] ?? Number.NaN);
    this.#rows.set([time, 1, anomaly ? 1 : 0, score, ...values, ...values], this.#count++ * this.#width);
    if (anomaly) this.flag(seq, time, score, said);
  }

  /** Takes up something unusual, which also can be that there is no reading: then `seq` is that of the last. */
  flag(seq: number, time: number, score: number, said: readonly Said[]): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && seq >= last.to && seq - last.to <= GAP) {
      const highest = most(last.score ?? Number.NaN, score);
      this.#stretches.splice(-1, 1, { ...last, to: seq, ended: time, flags: last.flags + 1, score: orNull(highest) });
      return;
    }
    const reason = printableLine(sentenceOf(said)).slice(0, LONGEST_REASON);
    const stretch = { from: seq, to: seq, begun: time, ended: time, flags: 1, score: orNull(score), reason };
    this.#stretches = [...this.#stretches, stretch].slice(-STRETCHES);
  }

  /** The newest flagged stretch; undefined before any. */
  get last(): DashboardStretch | undefined {
    return this.#stretches.at(-1);
  }

  /** Readings that were flagged. */
  get flags(): number {
    return this.#list().reduce((sum, [, , flags]) => sum + flags!, 0);
  }

  shown(): DashboardPast {
    const rows = this.#list();
    const column = (index: number) => rows.map((row) => orNull(row[index]!));
    const columns = (from: number) => Array.from({ length: this.#channels }, (_, k) => column(from + k));
    return {
      time: rows.map(([time]) => time!),
      readings: rows.map(([, readings]) => readings!),
      flags: rows.map(([, , flags]) => flags!),
      score: column(3),
      low: columns(FIXED),
      high: columns(FIXED + this.#channels),
      stretches: this.#stretches,
    };
  }

  /** For {@link restore}. */
  save(): string {
    const rows = this.#list().map((row) => row.map((value, k) => (k === 0 ? value : orNull(value))));
    return JSON.stringify({ past: VERSION, rows, stretches: this.#stretches });
  }

  /** Goes on from a saved text; one that is damaged, or of other channels, changes nothing. */
  restore(text: string): void {
    const { past, rows, stretches } = parsed(text);
    if (past !== VERSION || !Array.isArray(rows) || !Array.isArray(stretches)) return;
    if (rows.length > BUCKETS || !rows.every((row) => isRow(row, this.#width))) return;
    this.#count = rows.length;
    for (const [k, row] of rows.entries()) {
      this.#rows.set(
        row.map((value: number | null) => value ?? Number.NaN),
        k * this.#width,
      );
    }
    this.#stretches = stretches.filter(isStretch).slice(-STRETCHES);
  }

  #list(): number[][] {
    return Array.from({ length: this.#count }, (_, k) => Array.from(this.#row(k)));
  }

  #row(index: number): Float64Array {
    return this.#rows.subarray(index * this.#width, (index + 1) * this.#width);
  }

  /** Makes room: of all neighbours those become one that are the smallest for their age. */
  #mergeTwo(): void {
    let [best, smallest, age] = [0, Number.POSITIVE_INFINITY, 0];
    for (let k = BUCKETS - 2; k >= 0; k--) {
      const newer = this.#rows[(k + 1) * this.#width + 1]!;
      age += newer;
      const weight = (newer + this.#rows[k * this.#width + 1]!) / Math.sqrt(age);
      if (weight <= smallest) [best, smallest] = [k, weight];
    }
    const [older, newer] = [this.#row(best), this.#row(best + 1)];
    const lowest = FIXED + this.#channels;
    for (let k = 1; k < this.#width; k++) {
      const combine = k < 3 ? add : k === 3 || k >= lowest ? most : least;
      older[k] = combine(older[k]!, newer[k]!);
    }
    this.#rows.copyWithin((best + 1) * this.#width, (best + 2) * this.#width);
    this.#count--;
  }
}

function add(a: number, b: number): number {
  return a + b;
}

/** The larger one; that which is a number where one is not. */
function most(a: number, b: number): number {
  return a >= b || Number.isNaN(b) ? a : b;
}

function least(a: number, b: number): number {
  return a <= b || Number.isNaN(b) ? a : b;
}

/** Six digits are more than a plot shows. */
function orNull(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
}

function parsed(text: string): { past?: unknown; rows?: unknown; stretches?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function isRow(row: unknown, width: number): row is (number | null)[] {
  if (!Array.isArray(row) || row.length !== width) return false;
  const [, readings, flags] = row;
  if (!(Number.isSafeInteger(readings) && Number.isSafeInteger(flags) && flags >= 0 && flags <= readings)) return false;
  return row.every((value, k) => Number.isFinite(value) || (k >= FIXED - 1 && value === null));
}

function isStretch(stretch: unknown): stretch is DashboardStretch {
  const { from, to, begun, ended, flags, score, reason } = Object(stretch);
  const isCounted = [from, to, begun, ended, flags].every(Number.isFinite);
  const isAll = isCounted && (score === null || Number.isFinite(score)) && isShort(reason);
  return isAll && Object.keys(Object(stretch)).length === 7; // and nothing besides, which every viewer would be sent
}

function isShort(reason: unknown): boolean {
  return typeof reason === 'string' && reason.length <= LONGEST_REASON && reason === printableLine(reason);
}
