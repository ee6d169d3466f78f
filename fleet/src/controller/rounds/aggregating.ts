import type { Database } from '../database/database.ts';
import type { RoundRow } from '../database/round-rows.ts';
import { type ComputedResult, computeResult, type ResultRequest, type RoundFile } from './round-result.ts';
import { Spool } from './spool.ts';

/** What has become of the parts of a round. */
export interface RoundResult extends RoundFile {
  /** Parts without a say, by their devices. */
  readonly leftOut: readonly { readonly device: string; readonly reason: string }[];
}

/** What is needed of a round to compute its result. */
export type ClosingRound = Pick<RoundRow, 'id' | 'base' | 'file' | 'method' | 'cohort' | 'fewest'>;

/**
 * Computes the result of a round: the base with the read-out that its own sums and those of the parts give. The same
 * parts give the same file. One part at a time is in memory.
 * @param compute does it, here or elsewhere
 */
export async function aggregate(
  { queries }: Database,
  { id, base, file, method, cohort, fewest }: ClosingRound,
  compute: (request: ResultRequest) => ComputedResult | Promise<ComputedResult> = computeResult,
): Promise<RoundResult> {
  const spool = await Spool.open();
  try {
    const devices = await fill(spool, queries, id);
    const { spooled } = spool;
    const computed = await compute({ id, base, file: new Uint8Array(file), method, cohort, fewest, spooled });
    const leftOut = computed.leftOut.map(({ part, reason }) => ({ device: devices[part]!, reason }));
    return { ...computed, leftOut };
  } finally {
    await spool.close();
  }
}

/** Of members only; by their ids, so that the order is always the same. */
async function fill(spool: Spool, queries: Database['queries'], round: string): Promise<string[]> {
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
