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

  /** Ids of the open rollouts of which something is to be stored: a look alone writes nothing. */
  readonly pending = async (): Promise<readonly string[]> => {
    const { queries } = this.#database;
    const open = queries.selectFrom('rollout').select('id').where('ended', 'is', null).orderBy('begun');
    const due: string[] = [];
    for (const { id } of await open.limit(MOST_OPEN).execute()) if (await this.#isDue(id)) due.push(id);
    return due;
  };

  /** One look at a rollout: it begins the next phase or wave where that is due. */
  readonly step = async (id: string, changes: Changes): Promise<void> => {
    const { now } = this.#database;
    const look = await lookAt(changes, now, id);
    if (look === undefined) return;
    const { rollout, installed, next } = look;
    if (installed !== rollout.installed)
      await changes.updateTable('rollout').set({ installed }).where('id', '=', id).execute();
    if (next === undefined || !(await storeProgress(changes, rollout, next))) return; // or a person was first
    const { counts, ...figures } = look.reported;
    const { gates } = JSON.parse(rollout.plan) as Plan;
    const details = { from: rollout.phase, ...next, ...figures, evidence: evidenceOf(counts, gates) };
    await note(changes, now, { actor: 'controller', action: 'advance', subject: id, details });
  };

  async #isDue(id: string): Promise<boolean> {
    const { queries, now } = this.#database;
    try {
      const look = await lookAt(queries, now, id);
      return look !== undefined && (look.next !== undefined || look.installed !== look.rollout.installed);
    } catch {
      return true; // its step says what fails, and others go on
    }
  }
}

/** What an open rollout has come to, and where it goes next; undefined where it is not open. */
async function lookAt(reads: Changes | Database['queries'], now: Database['now'], id: string) {
  const rollout = await findRollout(reads, now, id);
  if (rollout === undefined || rollout.ended !== null) return undefined;
  const sums = await sumsOf(reads, rollout, rollout.now);
  const reported = reportedOf(sums, await countsOf(reads, rollout), rollout);
  const installed = sums.reduce((all, { shown, machines }) => all + (shown === 'installed' ? machines : 0), 0);
  const progress = progressOf(rollout);
  const next = advance(JSON.parse(rollout.plan) as Plan, progress, reported, rollout.now);
  // A pause holds back what is good for the rollout, not what protects machines.
  const isNext = next !== progress && (!rollout.paused || next.phase === 'stopped');
  return { rollout, reported, installed, next: isNext ? next : undefined };
}
