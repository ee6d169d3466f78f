import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import { note } from '../history/history.ts';
import { aggregate, type ClosingRound, type RoundResult } from './aggregating.ts';
import { endRound, membersParts } from './ending.ts';

/** At which one controller looks in a tick. */
const MOST_OPEN = 100;
/** Of computing a result, by one controller: parts are not kept for ever. */
const MOST_TRIES = 60;
/** Names of work are those of rounds behind this. */
const NAME = 'round ';

/**
 * The work of a `Worker` that closes rounds and computes their results: outside of transactions, since that takes
 * seconds. The lease is renewed meanwhile; after a crash another controller computes the same again.
 */
export class RoundWork {
  readonly #database: Database;
  readonly #aggregate: (database: Database, round: ClosingRound) => Promise<RoundResult>;
  /** How often computing has failed. */
  readonly #tries = new Map<string, number>();
  /** Results that are being computed here. */
  readonly #computed = new Map<string, { result: RoundResult | undefined; failure: Error | undefined }>();

  constructor(
    database: Database,
    compute: (database: Database, round: ClosingRound) => Promise<RoundResult> = aggregate,
  ) {
    [this.#database, this.#aggregate] = [database, compute];
  }

  /** Names of the rounds that are to be closed, or to get a result. */
  readonly pending = async (): Promise<readonly string[]> => {
    const { queries, now } = this.#database;
    const rounds = await queries
      .selectFrom('round')
      .select('id')
      .where('ended', 'is', null)
      .where(({ eb, or, ref }) =>
        or([eb('phase', '=', 'closing'), eb('deadline', '<=', now()), eb('parts', '>=', ref('most'))]),
      )
      .orderBy('begun')
      .limit(MOST_OPEN)
      .execute();
    const open = new Set(rounds.map(({ id }) => id));
    for (const known of [this.#computed, this.#tries])
      for (const id of known.keys()) if (!open.has(id)) known.delete(id);
    return rounds.map(({ id }) => NAME + id);
  };

  readonly step = async (name: string, changes: Changes): Promise<void> => {
    const id = name.slice(NAME.length);
    const round = await changes
      .selectFrom('round')
      .select(['id', 'base', 'file', 'method', 'cohort', 'fewest', 'phase'])
      .where('id', '=', id)
      .where('ended', 'is', null)
      .executeTakeFirst();
    if (round === undefined) return;
    if (round.phase === 'open') return this.#close(changes, id, round.cohort);
    const computed = this.#computed.get(id);
    if (computed === undefined) return this.#compute(round);
    if (computed.failure !== undefined) return this.#end(changes, id, this.#failed(id, computed.failure));
    if (computed.result !== undefined) return this.#end(changes, id, computed.result);
  };

  /** From now on it takes no parts. */
  async #close(changes: Changes, id: string, cohort: number): Promise<void> {
    const parts = await membersParts(changes, id);
    if (parts < cohort) return this.#end(changes, id, tooFew(parts, cohort));
    await changes.updateTable('round').set({ phase: 'closing' }).where('id', '=', id).execute();
  }

  #compute(round: ClosingRound): void {
    const entry: { result: RoundResult | undefined; failure: Error | undefined } = {
      result: undefined,
      failure: undefined,
    };
    this.#computed.set(round.id, entry);
    this.#aggregate(this.#database, round).then(
      (result) => {
        entry.result = result;
      },
      (failure: Error) => {
        entry.failure = failure;
      },
    );
  }

  /** Throws what passes, such as a database that is away: it is computed again then. */
  #failed(id: string, failure: Error): RoundResult {
    const tries = (this.#tries.get(id) ?? 0) + 1;
    if (failure instanceof SpikewireError || tries >= MOST_TRIES)
      return none(`no result could be computed: ${failure.message}`);
    this.#tries.set(id, tries);
    this.#computed.delete(id);
    throw failure;
  }

  async #end(changes: Changes, id: string, result: RoundResult): Promise<void> {
    await endRound(changes, this.#database.now, id, result);
    const { taken, leftOut, reason, sha256 } = result;
    const details = { taken, leftOut: leftOut.length, reason: reason ?? null, sha256: sha256 ?? null };
    await note(changes, this.#database.now, { actor: 'controller', action: 'end-round', subject: id, details });
  }
}

function tooFew(parts: number, cohort: number): RoundResult {
  return none(`${parts} parts came, of at least ${cohort}`);
}

function none(reason: string): RoundResult {
  return { file: undefined, sha256: undefined, reason, taken: 0, leftOut: [] };
}
