import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import type { RolloutRow } from '../database/rollout-rows.ts';
import { UnknownItemError } from '../database/unknown-item.ts';
import type { Plan } from './plan.ts';
import { machinesOfWave, type Progress, placesReached } from './progress.ts';
import { removeOld } from './retention.ts';
import { REACHABLE } from './rollout-sums.ts';

/** A rollout, and the time by the clock of the database. */
export type TimedRollout = RolloutRow & { readonly now: number };

/** Undefined where there is no rollout of this id. */
export async function findRollout(
  reads: Changes | Database['queries'],
  now: Database['now'],
  id: string,
): Promise<TimedRollout | undefined> {
  if (!/^[0-9a-f]{16}$/.test(id)) return undefined; // PostgreSQL cannot search for every text
  return reads.selectFrom('rollout').selectAll().select(now().as('now')).where('id', '=', id).executeTakeFirst();
}

/** Rejects with `usage` where the rollout is unknown, or has ended. */
export async function openRollout(changes: Changes, now: Database['now'], id: string): Promise<TimedRollout> {
  const rollout = await findRollout(changes, now, id);
  if (rollout === undefined) throw new UnknownItemError('rollout', id);
  if (rollout.ended !== null) throw new SpikewireError('usage', `rollout ${id}`, 'has ended', 'an open one');
  return rollout;
}

export function progressOf({ phase, waves, since, reason }: RolloutRow): Progress {
  return reason === null ? { phase, waves, since } : { phase, waves, since, reason };
}

/**
 * Stores where a rollout stands now. False, and nothing is stored, where somebody else was first: the rollout no longer
 * is where it was read.
 */
export async function storeProgress(changes: Changes, rollout: TimedRollout, next: Progress): Promise<boolean> {
  const { id, phase, waves, since, now } = rollout;
  const isEnd = next.phase === 'done' || next.phase === 'stopped';
  const begins = next.waves > waves;
  const times = JSON.parse(rollout.waveTimes) as number[];
  const places = JSON.parse(rollout.wavePlaces) as number[];
  const { numUpdatedRows } = await changes
    .updateTable('rollout')
    .set({
      ...{ phase: next.phase, waves: next.waves, since: next.since, reason: next.reason ?? null },
      ...{ waveTimes: JSON.stringify(begins ? [...times, next.since] : times), ended: isEnd ? now : null },
      wavePlaces: JSON.stringify(begins ? [...places, await placesFor(changes, rollout, next.waves)] : places),
    })
    .where(({ eb, and }) =>
      and([eb('id', '=', id), eb('phase', '=', phase), eb('waves', '=', waves), eb('since', '=', since)]),
    )
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  if (isEnd) await end(changes, id);
  if (next.phase === 'done') await replaceEarlier(changes, id);
  if (isEnd) await removeOld(changes, now);
  return true;
}

/** So many places have the machines that are to have the base after the wave, of those that can get it now. */
async function placesFor(changes: Changes, rollout: TimedRollout, wave: number): Promise<number> {
  const plan = JSON.parse(rollout.plan) as Plan;
  const rows = changes.selectFrom('rolloutMachine').where('rollout', '=', rollout.id).where('state', 'in', REACHABLE);
  const { machines } = await rows.select(({ fn }) => fn.countAll<number>().as('machines')).executeTakeFirstOrThrow();
  const last = await rows
    .select('place')
    .orderBy('place')
    .offset(Math.max(0, machinesOfWave(plan, wave, machines) - 1))
    .limit(1)
    .executeTakeFirst();
  const reached = placesReached(plan, rollout);
  return wave === plan.waves.length ? rollout.machines : Math.max(reached, last === undefined ? 0 : last.place + 1);
}

async function end(changes: Changes, rollout: string): Promise<void> {
  const own = changes.updateTable('rolloutMachine').where('rollout', '=', rollout);
  await own.set({ standing: 'ended' }).execute();
}

/** Its machines have its base, or get it as soon as they report: earlier rollouts give them no orders any more. */
async function replaceEarlier(changes: Changes, rollout: string): Promise<void> {
  await changes
    .updateTable('rolloutMachine')
    .set({ standing: 'replaced' })
    .where('standing', '=', 'ended')
    .where('rollout', '!=', rollout)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('rolloutMachine as own')
          .select('own.place')
          .where('own.rollout', '=', rollout)
          .where('own.state', '!=', 'gone')
          .whereRef('own.device', '=', 'rolloutMachine.device')
          .whereRef('own.machine', '=', 'rolloutMachine.machine'),
      ),
    )
    .execute();
}
