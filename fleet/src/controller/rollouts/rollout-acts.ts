import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import type { Role } from '../database/person-rows.ts';
import { inTransaction } from '../database/transaction.ts';
import { note } from '../history/history.ts';
import { APPROVERS, type Approval, approvalOf, type Plan } from './plan.ts';
import { approve, type Progress } from './progress.ts';
import { openRollout, progressOf, storeProgress, type TimedRollout } from './stored-progress.ts';

/**
 * Lets a rollout that is held continue with its next wave; with its first one only where all have approved whom its
 * plan names. Rejects with `usage` if it is not held, or the plan does not name this person.
 */
export function approveRollout(database: Database, id: string, by: string, role: Role): Promise<void> {
  return act(database, id, by, 'approve', async (changes, rollout) => {
    if (rollout.phase !== 'held')
      throw new SpikewireError('usage', `rollout ${id}`, 'is not held', 'a rollout that is held');
    const plan = JSON.parse(rollout.plan) as Plan;
    const wanted = rollout.waves === 0 ? approvalOf(plan) : undefined;
    if (wanted !== undefined && !(await isLastApproval(changes, rollout, wanted, by, role))) return;
    await proceed(changes, rollout, approve(plan, progressOf(rollout), rollout.now));
  });
}

/** Notes that the person has approved; whether nobody else has to. */
async function isLastApproval(
  changes: Changes,
  rollout: TimedRollout,
  wanted: Approval,
  by: string,
  role: Role,
): Promise<boolean> {
  const { id, approvals, begunBy } = rollout;
  const before = JSON.parse(approvals) as string[];
  const whom = `${wanted.people} different people with the role ${wanted.by}`;
  const refuse = (why: string) => new SpikewireError('usage', `rollout ${id}`, `${by} ${why}`, whom);
  if (APPROVERS.indexOf(role as Approval['by']) < APPROVERS.indexOf(wanted.by)) throw refuse(`has the role ${role}`);
  if (before.includes(by)) throw refuse('has approved it already');
  if (wanted.people > 1 && by === begunBy) throw refuse('has begun it');
  const { numUpdatedRows } = await changes
    .updateTable('rollout')
    .set({ approvals: JSON.stringify([...before, by]) })
    .where('id', '=', id)
    .where('approvals', '=', approvals)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw changedMeanwhile(rollout);
  return before.length + 1 >= wanted.people;
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
