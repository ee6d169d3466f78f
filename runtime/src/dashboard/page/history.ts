import type { ReadingsEvent, Value } from '../wire.ts';

/** The newest readings, in columns of equal length, oldest first: what the plots draw. */
export class History {
  /** Readings from the left edge of a plot to its right edge. */
  span: number;
  readonly seq: number[] = [];
  readonly flags: number[] = [];
  readonly values: Value[][] = [];
  readonly expected: Value[][] = [];
  readonly score: Value[] = [];
  readonly limit: Value[] = [];
  readonly error: Value[] = [];
  readonly rate: Value[] = [];

  constructor(span = 0) {
    this.span = span;
  }

  /** Number of the newest reading, 0 before the first. */
  get newest(): number {
    return this.seq.at(-1) ?? 0;
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

  clear(): void {
    for (const column of [this.seq, this.flags, this.score, this.limit, this.error, this.rate]) {
      column.length = 0;
    }
    for (const channels of [this.values, this.expected]) {
      channels.length = 0;
    }
  }

  /** Every column of this history with the one of the event that belongs to it. */
  *#columns(event: ReadingsEvent): Generator<[Value[], readonly Value[]]> {
    yield [this.seq as Value[], event.seq];
    yield [this.flags as Value[], event.flags];
    yield [this.score, event.score];
    yield [this.limit, event.limit];
    yield [this.error, event.error];
    yield [this.rate, event.rate];
    for (const name of ['values', 'expected'] as const) {
      for (const [channel, arrived] of event[name].entries()) {
        this[name][channel] ??= [];
        yield [this[name][channel], arrived];
      }
    }
  }
}
