import type { Changes } from '../database/database.ts';

const DAY = 86_400_000;
/** For which the machines of a rollout that has ended are listed, in milliseconds. */
const MACHINES_KEPT = 90 * DAY;
/** For which a lease that has expired is kept: much longer than a controller stands still. */
const LEASES_KEPT = DAY;

/**
 * Removes what nobody needs any more, whenever a rollout ends: leases that have expired, and machines of rollouts that
 * ended long ago, unless these still tell a machine what to do. Rollouts and the history stay.
 */
export async function removeOld(changes: Changes, now: number): Promise<void> {
  await changes
    .deleteFrom('lease')
    .where('expires', '<', now - LEASES_KEPT)
    .execute();
  await changes
    .deleteFrom('rolloutMachine')
    .where('rollout', 'in', (of) =>
      of
        .selectFrom('rollout')
        .select('id')
        .where('ended', '<', now - MACHINES_KEPT),
    )
    .where(({ or, eb, and, exists, selectFrom }) =>
      or([
        eb('standing', '=', 'replaced'),
        // A machine that has left a base that was stopped, or never had it, is not to leave it.
        and([
          eb('state', 'not in', ['trying', 'installed']),
          exists(
            selectFrom('rollout')
              .select('rollout.id')
              .whereRef('rollout.id', '=', 'rolloutMachine.rollout')
              .where('phase', '=', 'stopped'),
          ),
        ]),
        exists(
          selectFrom('device')
            .select('device.id')
            .whereRef('device.id', '=', 'rolloutMachine.device')
            .where('status', '!=', 'member'),
        ),
      ]),
    )
    .execute();
}
