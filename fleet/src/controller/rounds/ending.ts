import type { Changes, Database } from '../database/database.ts';
import type { RoundResult } from './aggregating.ts';

/** For which it is kept which device had sent how much to a round that has ended, in milliseconds. */
const PARTS_LISTED = 90 * 86_400_000;

/** Parts of devices that are still members. */
export async function membersParts(reads: Changes, round: string): Promise<number> {
  const { count } = await reads
    .selectFrom('roundPart')
    .innerJoin('device', 'device.id', 'roundPart.device')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('round', '=', round)
    .where('status', '=', 'member')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Stores what has become of a round, and deletes what its devices have sent, but for how much it was. */
export async function endRound(
  changes: Changes,
  now: Database['now'],
  id: string,
  { file, sha256, reason, taken, leftOut }: RoundResult,
): Promise<void> {
  const nothing = Buffer.alloc(0);
  await changes
    .updateTable('round')
    .set({
      ...{ phase: file === undefined ? 'empty' : 'done', reason: reason ?? null, taken, ended: now(), file: nothing },
      ...{ result: file === undefined ? null : Buffer.from(file), resultSha256: sha256 ?? null },
    })
    .where('id', '=', id)
    .execute();
  await changes.updateTable('roundPart').set({ content: nothing }).where('round', '=', id).execute();
  for (const { device, reason: why } of leftOut)
    await changes
      .updateTable('roundPart')
      .set({ leftOut: why })
      .where('round', '=', id)
      .where('device', '=', device)
      .execute();
  // No round is open for so long.
  await changes
    .deleteFrom('roundPart')
    .where(({ eb }) => eb('time', '<', eb(now(), '-', PARTS_LISTED)))
    .execute();
}
