import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { aggregateSums, type Sums, sumsOfReadout } from '@spikewire/models/aggregation';
import { baseWithSums, readoutOf, readPart } from 'spikewire/agent';
import { readNetModel } from 'spikewire/session';
import type { Database } from '../database/database.ts';
import type { RoundRow } from '../database/round-rows.ts';
import { Spool } from './spool.ts';

/** What has become of the parts of a round. */
export interface RoundResult {
  /** The model file; undefined where there is none, and `reason` says why. */
  readonly file: Uint8Array | undefined;
  readonly sha256: string | undefined;
  readonly reason: string | undefined;
  readonly taken: number;
  /** Parts without a say, by their devices. */
  readonly leftOut: readonly { readonly device: string; readonly reason: string }[];
}

/** What is needed of a round to compute its result. */
export type ClosingRound = Pick<RoundRow, 'id' | 'base' | 'file' | 'method' | 'cohort' | 'fewest'>;

/**
 * Computes the result of a round: the base with the read-out that its own sums and those of the parts give. The same
 * parts give the same file. One part at a time is in memory.
 */
export async function aggregate({ queries }: Database, round: ClosingRound): Promise<RoundResult> {
  const net = readNetModel(new Uint8Array(round.file), Number.POSITIVE_INFINITY);
  const { numbers, classes, limits } = readoutOf(net);
  const spool = await Spool.open(readPartSums);
  try {
    const devices = await fill(spool, queries, round.id);
    const base = sumsOfReadout(numbers, classes.length);
    const options = { method: round.method, limits: { ...limits, fewest: round.fewest } };
    const { sums, taken, leftOut } = aggregateSums(base, spool, options);
    const without = leftOut.map(({ part, reason }) => ({ device: devices[part]!, reason }));
    if (taken.length < round.cohort) {
      const reason = `${taken.length} of ${devices.length} parts passed the check, of at least ${round.cohort}`;
      return { file: undefined, sha256: undefined, reason, taken: taken.length, leftOut: without };
    }
    if (sums === undefined) throw new SpikewireError('learning', 'aggregation', 'gives no sums', 'a method that does');
    const lessons = lessonsOf(spool, new Set(taken), classes.length);
    const about = { parts: taken.length, lessons: lessons.reduce((sum, count) => sum + count, 0) };
    const origin = { learnedTogether: { round: round.id, base: round.base, method: round.method, ...about } };
    const file = baseWithSums(net, sums, lessons, origin);
    const sha256 = createHash('sha256').update(file).digest('hex');
    return { file, sha256, reason: undefined, taken: taken.length, leftOut: without };
  } finally {
    await spool.close();
  }
}

/** Of members only; by their ids, so that the order is always the same. */
async function fill(spool: Spool<Sums>, queries: Database['queries'], round: string): Promise<string[]> {
  const devices: string[] = [];
  for (let last = ''; ; ) {
    const part = await queries
      .selectFrom('roundPart')
      .innerJoin('device', 'device.id', 'roundPart.device')
      .select(['device.id as device', 'content'])
      .where('round', '=', round)
      .where('device.id', '>', last)
      .where('status', '=', 'member')
      .orderBy('device.id')
      .limit(1)
      .executeTakeFirst();
    if (part === undefined) return devices;
    await spool.add(part.content);
    devices.push(part.device);
    last = part.device;
  }
}

function readPartSums(bytes: Uint8Array): Sums {
  return readPart(bytes).sums;
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
