import type { Changes, Database } from '../database/database.ts';
import { note } from '../history/history.ts';
import { evidenceOf } from './evidence.ts';
import type { Plan } from './plan.ts';
import { advance } from './progress.ts';
import { countsOf, reportedOf, sumsOf } from './rollout-sums.ts';
import { findRollout, progressOf, storeProgress } from './stored-progress.ts';

/** Rollouts at which one controller looks in a tick. */
const MOST_OPEN = 1000;

/** The work of a `Worker` that lets rollouts proceed by what their machines report. */
export class RolloutWork {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Ids of the open rollouts. */
  readonly pending = async (): Promise<readonly string[]> => {
    const { queries } = this.#database;
    const open = queries.selectFrom('rollout').select('id').where('ended', 'is', null).orderBy('begun');
    const rows = await open.limit(MOST_OPEN).execute();
    return rows.map(({ id }) => id);
  };

  /** One look at a rollout: it begins the next phase or wave where that is due. */
  readonly step = async (id: string, changes: Changes): Promise<void> => {
    const { now } = this.#database;
    const rollout = await findRollout(changes, now, id);
    if (rollout === undefined || rollout.ended !== null) return;
    const sums = await sumsOf(changes, rollout, rollout.now);
    const reported = reportedOf(sums, await countsOf(changes, rollout), rollout);
    await storeInstalled(changes, id, rollout.installed, sums);
    const progress = progressOf(rollout);
    const plan = JSON.parse(rollout.plan) as Plan;
    const next = advance(plan, progress, reported, rollout.now);
    // A pause holds back what is good for the rollout, not what protects machines.
    if (next === progress || (rollout.paused && next.phase !== 'stopped')) return;
    if (!(await storeProgress(changes, rollout, next))) return; // a person was first
    const { counts, ...figures } = reported;
    const details = { from: progress.phase, ...next, ...figures, evidence: evidenceOf(counts, plan.gates) };
    await note(changes, now, { actor: 'controller', action: 'advance', subject: id, details });
  };
}

async function storeInstalled(
  changes: Changes,
  id: string,
  before: number,
  sums: Awaited<ReturnType<typeof sumsOf>>,
): Promise<void> {
  const installed = sums.reduce((all, { shown, machines }) => all + (shown === 'installed' ? machines : 0), 0);
  if (installed !== before) await changes.updateTable('rollout').set({ installed }).where('id', '=', id).execute();
}
