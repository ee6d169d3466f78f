import type { Model, SelfTest } from '@spikewire/models';
import type { Engine } from '../engine/engine.ts';

/** Step, element, value. */
const COLUMNS = 3;

/** float32 and float64 differ in what they hand on by this share of the largest, at most. */
const FLOAT_TOLERANCE = 1e-3;

type Answer = SelfTest['output'];

/** Where two answers part. */
export interface AnswerDifference {
  readonly node: string;
  /** The first event that differs, and how many there are. */
  readonly came: string;
  readonly expected: string;
}

/** Whether an engine computes with the numbers that the model's vectors were recorded with. */
export function isExactFor({ quantization }: Model, { realNumbers }: Engine): boolean {
  return quantization === undefined || realNumbers !== true;
}

/** By how much a value may differ, as share of the largest. */
export function toleranceOf({ quantization }: Model): number {
  return quantization === undefined ? FLOAT_TOLERANCE : 0;
}

/** The first difference between an answer and the expected one; undefined where they agree. */
export function differenceOf(expected: Answer, answer: Answer, tolerance: number): AnswerDifference | undefined {
  for (const [node, { data: wanted }] of expected) {
    const came = answer.get(node)?.data ?? new Float64Array(0);
    const place = firstDifference(wanted, came, tolerance);
    if (place !== undefined) return { node, came: describe(came, place), expected: describe(wanted, place) };
  }
  return undefined;
}

function firstDifference(wanted: ArrayLike<number>, came: ArrayLike<number>, tolerance: number): number | undefined {
  let largest = 0;
  for (let at = 2; at < wanted.length; at += COLUMNS) largest = Math.max(largest, Math.abs(wanted[at]!));
  for (let at = 0; at < Math.max(wanted.length, came.length); at += COLUMNS) {
    const near = Math.abs((wanted[at + 2] ?? 0) - (came[at + 2] ?? 0)) <= tolerance * largest;
    if (wanted[at] !== came[at] || wanted[at + 1] !== came[at + 1] || !near) return at;
  }
  return undefined;
}

function describe(rows: ArrayLike<number>, at: number): string {
  const count = rows.length / COLUMNS;
  if (at >= rows.length) return `only ${count} ${count === 1 ? 'event' : 'events'}`;
  return `[${rows[at]}, ${rows[at + 1]}, ${rows[at + 2]}] as event ${at / COLUMNS + 1} of ${count}`;
}
