import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { note } from '../history/history.ts';
import type { Plan } from './plan.ts';
import { approve, type Progress } from './progress.ts';
import { openRollout, progressOf, storeProgress, type TimedRollout } from './stored-progress.ts';

/** Lets a rollout that is held continue with its next wave. Rejects with `usage` where it is not held. */
export function approveRollout(database: Database, id: string, by: string): Promise<void> {
  return act(database, id, by, 'approve', (changes, rollout) => {
    if (rollout.phase !== 'held') throw new SpikewireError('usage', `rollout ${id}`, 'is not held', 'one that is held');
    const plan = JSON.parse(rollout.plan) as Plan;
    return proceed(changes, rollout, approve(plan, progressOf(rollout), rollout.now));
  });
}

/** Stops a rollout: its machines leave the base. */
export function abortRollout(database: Database, id: string, by: string): Promise<void> {
  return act(database, id, by, 'abort', (changes, rollout) => {
    const reason = `${by} aborted it`;
    return proceed(changes, rollout, { ...progressOf(rollout), phase: 'stopped', since: rollout.now, reason });
  });
}

/**
 * No machine begins to try or to install the base, and no wave begins, until somebody resumes it; it may still stop.
 */
export function pauseRollout(database: Database, id: string, by: string): Promise<void> {
  return act(database, id, by, 'pause', (changes, rollout) => setPaused(changes, rollout, 1));
}

export function resumeRollout(database: Database, id: string, by: string): Promise<void> {
  return act(database, id, by, 'resume', (changes, rollout) => setPaused(changes, rollout, 0));
}

/** Does something to an open rollout, and notes it. Rejects with `usage` where it is unknown or has ended. */
function act(
  database: Database,
  id: string,
  by: string,
  action: string,
  change: (changes: Changes, rollout: TimedRollout) => Promise<void>,
): Promise<void> {
  return inTransaction(database, async (changes) => {
    await change(changes, await openRollout(changes, database.now, id));
    await note(changes, database.now, { actor: by, action, subject: id });
  });
}

async function proceed(changes: Changes, rollout: TimedRollout, next: Progress): Promise<void> {
  if (!(await storeProgress(changes, rollout, next))) throw changedMeanwhile(rollout);
}

async function setPaused(changes: Changes, rollout: TimedRollout, paused: 0 | 1): Promise<void> {
  const { id } = rollout;
  if (rollout.paused === paused)
    throw new SpikewireError('usage', `rollout ${id}`, paused ? 'is paused' : 'is not paused', 'the other');
  const { numUpdatedRows } = await changes
    .updateTable('rollout')
    .set({ paused })
    .where('id', '=', id)
    .where('paused', '!=', paused)
    .where('ended', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw changedMeanwhile(rollout);
}

function changedMeanwhile({ id }: TimedRollout): SpikewireError {
  return new SpikewireError('usage', `rollout ${id}`, 'has changed meanwhile', 'that you examine it again');
}
