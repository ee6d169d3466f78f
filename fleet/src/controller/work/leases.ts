import type { Changes, Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';

/** Work that this controller alone may do, until the lease expires. */
export interface Lease {
  readonly name: string;
  /** Of this holder; a later one has a higher number. */
  readonly epoch: number;
}

export interface LeasesOptions {
  readonly database: Database;
  /** Name of this controller, unique among the controllers of the database. */
  readonly holder: string;
  /** For which a lease holds without being renewed. */
  readonly milliseconds: number;
}

/**
 * Which controller does which work. A lease is a row with a holder, a time at which it expires, and an epoch that every
 * new holder raises. Work is done in transactions that renew the lease and fail where the epoch is another one's, so
 * that a controller that was thought dead, and wakes up, changes nothing (a fencing token: Kleppmann 2016, "How to do
 * distributed locking").
 */
export class Leases {
  readonly #options: LeasesOptions;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** Takes a lease that nobody holds, or whose holder has let it expire; undefined where another controller has it. */
  async take(name: string): Promise<Lease | undefined> {
    const { database, holder, milliseconds } = this.#options;
    const { queries, now } = database;
    const row = await queries
      .insertInto('lease')
      .values(({ eb }) => ({ name, holder, epoch: 1, expires: eb(now(), '+', milliseconds) }))
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet(({ eb, ref }) => ({
            holder,
            epoch: eb(ref('lease.epoch'), '+', 1),
            expires: eb(now(), '+', milliseconds),
          }))
          .where(({ eb, ref }) => eb(ref('lease.expires'), '<=', now())),
      )
      .returning('epoch')
      .executeTakeFirst();
    return row && { name, epoch: row.epoch };
  }

  /**
   * Does a step of the work in one transaction, which renews the lease; undefined, and nothing is done, where another
   * controller has it by now. Rejects where `step` does, and nothing is done either.
   */
  async inside<T>(lease: Lease, step: (changes: Changes) => Promise<T>): Promise<T | undefined> {
    const { database, milliseconds } = this.#options;
    return inTransaction(database, async (changes) => {
      const { numUpdatedRows } = await changes
        .updateTable('lease')
        .set(({ eb }) => ({ expires: eb(database.now(), '+', milliseconds) }))
        .where(({ and }) => and(this.#held(lease)))
        .executeTakeFirst();
      return numUpdatedRows === 0n ? undefined : step(changes);
    });
  }

  /** Lets another controller have it at once. */
  async release(lease: Lease): Promise<void> {
    const { queries, now } = this.#options.database;
    await queries
      .updateTable('lease')
      .set({ expires: now() }) // not earlier: rows that expired long ago are deleted, and their epochs with them
      .where(({ and }) => and(this.#held(lease)))
      .execute();
  }

  /** What the row has as long as nobody else has taken the lease: epochs begin anew after the row was deleted. */
  #held({ name, epoch }: Lease) {
    return { name, epoch, holder: this.#options.holder };
  }
}
