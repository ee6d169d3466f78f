import type { DashboardLabels } from '../../source.ts';
import type { ReadingsEvent, Value } from '../../wire.ts';
import { areClockTimes } from '../time-axis.ts';
import type { Marked, Timeline } from './timeline.ts';

/** The newest readings, in columns of equal length, oldest first: what the plots draw. */
export class History implements Timeline {
  /** Whether readings are placed by their number, also where they have times of a clock. */
  byNumber = false;
  /** Readings from the left edge of a plot to its right edge. */
  span: number;
  readonly seq: number[] = [];
  readonly time: number[] = [];
  readonly flags: number[] = [];
  readonly values: Value[][] = [];
  readonly expected: Value[][] = [];
  readonly score: Value[] = [];
  /** Per monitor, then per reading. */
  readonly scores: Value[][] = [];
  readonly limit: Value[] = [];
  readonly error: Value[] = [];
  readonly rate: Value[] = [];
  /** Of a net that names classes, what it said, what its base would have said, and what it was; else empty. */
  readonly answer: (string | null)[] = [];
  readonly base: (string | null)[] = [];
  readonly truth: (string | null)[] = [];

  constructor(span = 0) {
    this.span = span;
  }

  /** Number of the newest reading, 0 before the first. */
  get newest(): number {
    return this.seq.at(-1) ?? 0;
  }

  get isTimed(): boolean {
    return !this.byNumber && areClockTimes(this.time);
  }

  get places(): readonly number[] {
    return this.isTimed ? this.time : this.seq;
  }

  /** All that is there; by number the whole span, of which the first stands still until it is full. */
  get range(): [number, number] {
    if (this.isTimed) return [this.time[0]!, this.time.at(-1)!];
    const last = Math.max(this.newest, (this.seq[0] ?? 1) + this.span - 1);
    return [last - this.span + 1, last];
  }

  /** Runs of flagged readings; a merged one lasts no longer than four others. */
  *marks(): Generator<Marked> {
    const { flags, places } = this;
    const [first, last] = this.range;
    const step = (last - first) / Math.max(1, this.newest - (this.seq[0] ?? 0), this.isTimed ? 0 : this.span - 1);
    for (let index = 0; index < flags.length; index++) {
      if (flags[index] === 0) continue;
      const begin = index;
      while ((flags[index + 1] ?? 0) > 0) index++;
      const end = places[index]!;
      yield { from: places[begin]!, to: Math.min(places[index + 1] ?? end + step, end + 4 * step) };
    }
  }

  /** Takes readings up and forgets those that left the span. Numbers that start again start the history again. */
  add(event: ReadingsEvent): void {
    if ((event.seq[0] ?? 0) <= this.newest && this.seq.length > 0) {
      this.clear();
    }
    for (const [own, arrived] of this.#columns(event)) {
      own.push(...arrived);
    }
    const gone = this.seq.findIndex((seq) => seq > this.newest - this.span);
    for (const [own] of this.#columns(event)) {
      own.splice(0, gone);
    }
  }

  /** Takes up what readings were said to be. */
  label({ time, truth }: DashboardLabels): void {
    const said = new Map(time.map((each, k) => [each, truth[k]!]));
    for (const [k, each] of this.time.entries()) {
      if (k < this.truth.length && said.has(each)) this.truth[k] = said.get(each)!;
    }
  }

  clear(): void {
    for (const column of [this.seq, this.time, this.flags, this.score, this.limit, this.error, this.rate]) {
      column.length = 0;
    }
    for (const column of [this.answer, this.base, this.truth]) column.length = 0;
    for (const channels of [this.values, this.expected, this.scores]) {
      channels.length = 0;
    }
  }

  /** Every column of this history with the one of the event that belongs to it. */
  *#columns(event: ReadingsEvent): Generator<[unknown[], readonly unknown[]]> {
    yield [this.seq, event.seq];
    yield [this.time, event.time];
    yield [this.flags, event.flags];
    yield [this.score, event.score];
    yield [this.limit, event.limit];
    yield [this.error, event.error];
    yield [this.rate, event.rate];
    for (const name of ['answer', 'base', 'truth'] as const) yield [this[name], event.named?.[name] ?? []];
    for (const name of ['values', 'expected', 'scores'] as const) {
      for (const [channel, arrived] of (event[name] ?? []).entries()) {
        this[name][channel] ??= [];
        yield [this[name][channel], arrived];
      }
    }
  }
}
