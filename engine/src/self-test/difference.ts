import type { Model, SelfTest } from '@spikewire/models';
import type { Engine } from '../engine.ts';

/** Step, element, value. */
const COLUMNS = 3;

/** float32 and float64 differ in what they hand on by this share of the largest, at most. */
const FLOAT_TOLERANCE = 1e-3;

/** Membranes are products of whole numbers and a scale, which may be rounded in another order. */
const ROUNDING = 1e-9;

export type Answer = Pick<SelfTest, 'output' | 'membranes'>;

/** Where two answers part. */
export interface AnswerDifference {
  /** The node, and what of it. */
  readonly where: string;
  /** The first event that differs, and how many there are; or the membrane of a neuron. */
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
  for (const [node, { data: wanted }] of expected.output) {
    const came = answer.output.get(node)?.data ?? new Float64Array(0);
    const index = firstDifference(wanted, came, tolerance);
    if (index === undefined) continue;
    return { where: `output "${node}"`, came: describe(came, index), expected: describe(wanted, index) };
  }
  for (const [node, { data: wanted }] of expected.membranes ?? []) {
    const came = answer.membranes?.get(node)?.data ?? new Float64Array(wanted.length).fill(Number.NaN);
    const within = Math.max(tolerance, ROUNDING) * largestIn(wanted, 0, 1);
    const index = Array.from(wanted).findIndex((v, neuron) => !(Math.abs(v - came[neuron]!) <= within));
    if (index >= 0) return { where: `v of "${node}"[${index}]`, came: `${came[index]}`, expected: `${wanted[index]}` };
  }
  return undefined;
}

function firstDifference(wanted: ArrayLike<number>, came: ArrayLike<number>, tolerance: number): number | undefined {
  const largest = largestIn(wanted, 2, COLUMNS);
  for (let at = 0; at < Math.max(wanted.length, came.length); at += COLUMNS) {
    const near = Math.abs((wanted[at + 2] ?? 0) - (came[at + 2] ?? 0)) <= tolerance * largest;
    if (wanted[at] !== came[at] || wanted[at + 1] !== came[at + 1] || !near) return at;
  }
  return undefined;
}

/** The largest magnitude of every `stride`-th value. */
function largestIn(values: ArrayLike<number>, first: number, stride: number): number {
  let largest = 0;
  for (let at = first; at < values.length; at += stride) largest = Math.max(largest, Math.abs(values[at]!));
  return largest;
}

function describe(rows: ArrayLike<number>, at: number): string {
  const count = rows.length / COLUMNS;
  if (at >= rows.length) return `only ${count} ${count === 1 ? 'event' : 'events'}`;
  return `[${rows[at]}, ${rows[at + 1]}, ${rows[at + 2]}] as event ${at / COLUMNS + 1} of ${count}`;
}
