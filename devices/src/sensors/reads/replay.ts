import { setTimeout as delay } from 'node:timers/promises';
import type { SampleBlock } from 'spikewire/sensors';

/** Samples that are due within this many milliseconds are given together. */
const TOGETHER = 10;
/** And at most so many. */
const MOST_TOGETHER = 4096;
/** A longer pause, in milliseconds, is no pause but a clock that was set; no timer of Node waits longer. */
const LONGEST_PAUSE = 2 ** 31 - 1;

/** A sample and when it is due, in seconds since the first. */
export interface DueSample {
  readonly time: number;
  readonly values: Float64Array;
  /** What is wrong with the line, if it is no valid sample. */
  readonly problem?: string;
}

/** Gives recorded samples at their times, from now on; where the clock of the recording was set, the next at once. */
export async function* replay(samples: AsyncIterable<DueSample>, signal: AbortSignal): AsyncGenerator<SampleBlock> {
  let began = performance.now();
  const origin = Date.now();
  let last = 0;
  let due: DueSample[] = [];
  for await (const sample of samples) {
    const pause = 1000 * (sample.time - last);
    if (pause < 0 || pause > LONGEST_PAUSE) began -= pause;
    if (Number.isFinite(pause)) last = sample.time;
    const wait = began + 1000 * sample.time - performance.now();
    const isFull = due.length === MOST_TOGETHER;
    if (isFull || wait > TOGETHER || (due.length > 0 && sample.time - due[0]!.time > TOGETHER / 1000)) {
      if (due.length > 0) yield blockOf(due, origin);
      due = [];
      if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    }
    if (signal.aborted) return;
    due.push(sample);
  }
  if (due.length > 0) yield blockOf(due, origin);
}

function blockOf(samples: readonly DueSample[], origin: number): SampleBlock {
  const times = Float64Array.from(samples, ({ time }) => time);
  const values = Float64Array.from(samples.flatMap(({ values }) => Array.from(values)));
  const problem = samples.find((sample) => sample.problem !== undefined)?.problem;
  return { origin, times, values, ...(problem !== undefined && { problem }) };
}
