import type { DashboardPast } from '../../source.ts';
import type { Value } from '../../wire.ts';
import { areClockTimes } from '../time-axis.ts';
import type { Marked, Timeline } from './timeline.ts';

const NOTHING: DashboardPast = { time: [], readings: [], flags: [], score: [], low: [], high: [], stretches: [] };

/** All that a net has read, in buckets: what the plots of its past draw. */
export class WholeTime implements Timeline {
  /** Whether buckets are placed by the numbers of their readings, also where these have times of a clock. */
  byNumber = false;
  #past = NOTHING;
  #end = { time: 0, seq: 0 };

  get isTimed(): boolean {
    return !this.byNumber && areClockTimes(this.#past.time);
  }

  /** Readings in it. */
  get readings(): number {
    return this.#past.readings.reduce((sum, readings) => sum + readings, 0);
  }

  /** When it begins, in milliseconds since 1970. */
  get begin(): number {
    return this.#past.time[0] ?? 0;
  }

  clear(): void {
    this.#past = NOTHING;
    this.#end = { time: 0, seq: 0 };
  }

  set(past: DashboardPast): void {
    this.#past = past;
  }

  /** The newest reading, where the last bucket ends. */
  reach(time: number, seq: number): void {
    this.#end = { time, seq };
  }

  /** The beginning of each bucket, and the end of the last. */
  get places(): readonly number[] {
    const { time } = this.#past;
    if (this.isTimed) return [...time, Math.max(this.#end.time, time.at(-1)!)];
    const last = Math.max(this.#end.seq, this.readings);
    let place = last - this.readings;
    return [place, ...this.#past.readings.map((readings) => (place += readings))].slice(0, time.length + 1);
  }

  get range(): [number, number] {
    const { places } = this;
    return [places[0] ?? 0, Math.max(places.at(-1) ?? 0, (places[0] ?? 0) + 1)];
  }

  *marks(): Generator<Marked> {
    const { isTimed } = this;
    for (const { from, to, begun, ended } of this.#past.stretches) {
      yield isTimed ? { from: begun, to: ended } : { from, to };
    }
  }

  /** The highest and the lowest value of a channel in each bucket, the last one twice. */
  bandOf(channel: number): [high: readonly Value[], low: readonly Value[]] {
    const held = (values: readonly Value[] = []) => [...values, values.at(-1) ?? null];
    return [held(this.#past.high[channel]), held(this.#past.low[channel])];
  }
}
