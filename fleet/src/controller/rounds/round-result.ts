import { createHash } from 'node:crypto';
import { aggregateSums, type Sums, sumsOfReadout } from '@spikewire/models/aggregation';
import { baseWithSums, readoutOf, readPart } from 'spikewire/agent';
import { readNetModel } from 'spikewire/session';
import type { RoundRow } from '../database/round-rows.ts';
import { type Spooled, spooledItems } from './spool.ts';

/** What a result is computed of: plain data, which another thread takes. */
export interface ResultRequest extends Pick<RoundRow, 'id' | 'base' | 'method' | 'cohort' | 'fewest'> {
  /** Of the base. */
  readonly file: Uint8Array;
  /** The parts. */
  readonly spooled: Spooled;
}

/** The model file of a round; undefined where there is none, and `reason` says why. */
export interface RoundFile {
  readonly file: Uint8Array | undefined;
  readonly sha256: string | undefined;
  readonly reason: string | undefined;
  readonly taken: number;
}

export interface ComputedResult extends RoundFile {
  /** By the places of the parts. */
  readonly leftOut: readonly { readonly part: number; readonly reason: string }[];
}

/** Takes 40 ms for each part with 400 inputs. Throws `learning` where the sums have no solution. */
export function computeResult({ id, base, file, method, cohort, fewest, spooled }: ResultRequest): ComputedResult {
  const net = readNetModel(file, Number.POSITIVE_INFINITY);
  const { numbers, classes, limits } = readoutOf(net);
  const parts = spooledItems(spooled, (bytes) => readPart(bytes).sums);
  const options = { method, limits: { ...limits, fewest } };
  const { sums, taken, leftOut } = aggregateSums(sumsOfReadout(numbers, classes.length), parts, options);
  if (taken.length < cohort) {
    const reason = `${taken.length} of ${spooled.places.length} parts passed the check, of at least ${cohort}`;
    return { file: undefined, sha256: undefined, reason, taken: taken.length, leftOut };
  }
  const lessons = lessonsOf(parts, new Set(taken), classes.length);
  const about = { parts: taken.length, lessons: lessons.reduce((sum, count) => sum + count, 0) };
  const result = baseWithSums(net, sums, lessons, { learnedTogether: { round: id, base, method, ...about } });
  const sha256 = createHash('sha256').update(result).digest('hex');
  return { file: result, sha256, reason: undefined, taken: taken.length, leftOut };
}

/** Of each class; the input that is always 1 counts them. */
function lessonsOf(parts: Iterable<Sums>, taken: ReadonlySet<number>, classes: number): number[] {
  const lessons = new Array<number>(classes).fill(0);
  let k = 0;
  for (const { targets } of parts) {
    if (taken.has(k++)) for (let c = 0; c < classes; c++) lessons[c]! += Math.round(targets[c]!);
  }
  return lessons;
}
