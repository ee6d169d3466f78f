import type { SampleBlock } from 'spikewire/sensors';

/** Rows of a block at most. */
const MOST_TOGETHER = 64;
/** A pause of more steps, and a step back of more, is a clock that was set or began anew. */
const LONGEST_PAUSE = 10_000;
const FARTHEST_BACK = 256;

export interface EventStepsOptions {
  readonly elements: number;
  /** Microseconds of a step. */
  readonly step: number;
  /** Steps by which an event may come behind the newest one. */
  readonly late: number;
  /** Microseconds at which the first step begins. Absent: with the step of the first event. */
  readonly start?: number | undefined;
}

/**
 * Counts the events of each element in each step, by their time stamps. A step is complete once an event comes that is
 * more than `late` steps behind it: until then events may come in any order. The time goes on with the events.
 */
export class EventSteps {
  /** Events of steps that were complete already, and jumps of the clock. */
  readonly counts = { late: 0, clockJumps: 0 };
  readonly #options: EventStepsOptions;
  /** The counts of the steps from `#next` on; step k is row k modulo their number. */
  readonly #rows: readonly Float64Array[];
  /** The first step that is not complete. */
  #next: number | undefined;
  /** Where the steps end that must be given before the clock may jump. */
  #until: number | undefined;
  #times: number[] = [];
  #values: Float64Array;

  constructor(options: EventStepsOptions) {
    const { elements, step, late, start } = options;
    this.#options = options;
    this.#rows = Array.from({ length: late + 1 }, () => new Float64Array(elements));
    this.#values = new Float64Array(MOST_TOGETHER * elements);
    if (start !== undefined) this.#next = Math.round(start / step);
  }

  /** Whether the event was taken: false where the complete steps must be taken away first. */
  take(microseconds: number, element: number): boolean {
    const { length } = this.#rows;
    const step = Math.floor(microseconds / this.#options.step + 1e-6);
    this.#next ??= step;
    const ahead = step - this.#next;
    if (ahead > LONGEST_PAUSE || ahead < -FARTHEST_BACK) {
      this.#until ??= this.#next + length;
      if (!this.#completeBefore(this.#until)) return false;
      this.#until = undefined;
      this.#next = step;
      this.counts.clockJumps++;
    } else if (ahead < 0) {
      this.counts.late++;
      return true;
    } else if (!this.#completeBefore(step - length + 1)) {
      return false;
    }
    this.#rowOf(step)[element]!++;
    return true;
  }

  /** Ends all steps that have begun; false where the complete ones must be taken away first. */
  finish(): boolean {
    if (this.#next === undefined) return true;
    this.#until ??= this.#next + this.#rows.length;
    if (!this.#completeBefore(this.#until)) return false;
    this.#until = undefined;
    return true;
  }

  /** The steps that are complete, with the time at which each ends; undefined where there are none. */
  takeBlock(originAt: (seconds: number) => number): SampleBlock | undefined {
    if (this.#times.length === 0) return undefined;
    const times = Float64Array.from(this.#times);
    const values = this.#values.slice(0, times.length * this.#options.elements);
    this.#times = [];
    return { origin: originAt(times.at(-1)!), times, values };
  }

  /** Steps are below 0 where a clock that wraps went back over its start. */
  #rowOf(step: number): Float64Array {
    const { length } = this.#rows;
    return this.#rows[((step % length) + length) % length]!;
  }

  #completeBefore(step: number): boolean {
    while (this.#next! < step) {
      if (this.#times.length === MOST_TOGETHER) return false;
      const row = this.#rowOf(this.#next!);
      this.#values.set(row, this.#times.length * row.length);
      this.#times.push((++this.#next! * this.#options.step) / 1e6);
      row.fill(0);
    }
    return true;
  }
}
