import type { Changes, Database } from './database.ts';

/** Of one change. Each repetition begins after the one that was in its way has ended. */
const MOST_TRIES = 5;

/** By which PostgreSQL tells that another transaction was in the way: deadlock, serialization, a row made meanwhile. */
const IN_THE_WAY = ['40P01', '40001', '23505'];

/**
 * Makes a change in one transaction, all of it or nothing. Where a change that another controller made at the same time
 * was in its way, it begins again, and finds what that one did.
 */
export async function inTransaction<T>(
  { queries }: Pick<Database, 'queries'>,
  change: (changes: Changes) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await queries.transaction().execute(change);
    } catch (failure) {
      if (tries === MOST_TRIES || !IN_THE_WAY.includes((failure as { code?: string }).code!)) throw failure;
    }
}

/** In SQLite: a text or a blob that is too long, a rule of the tables, a type that does not fit. */
const SQLITE_DATA = [18, 19, 20];

/** Whether the database has refused what a statement would store, so that nothing of its transaction is stored. */
export function isAboutData(failure: unknown): boolean {
  const { code, errcode } = failure as { readonly code?: unknown; readonly errcode?: unknown };
  return /^2[23]\w{3}$/.test(String(code)) || (typeof errcode === 'number' && SQLITE_DATA.includes(errcode & 0xff));
}
