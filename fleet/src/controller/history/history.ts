import type { Changes, Database } from '../database/database.ts';
import type { HistoryRow } from '../database/tables.ts';
import { expectText } from '../database/text.ts';
import { followChain, type HistoryCheck, type HistoryHead, hashOf, NO_ENTRY } from './chain.ts';

/** Something that somebody did. */
export interface Event {
  /** A person, a device, or the controller. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to. */
  readonly subject: string;
  readonly details?: unknown;
}

/** Entries that are read at a time: reports have their turn between two pages. */
const PAGE = 200;

/**
 * Adds an entry in the transaction that does what it tells of: as its last change, since entries of several controllers
 * wait for each other. Throws `input` for text that a database changes or refuses.
 */
export async function note(changes: Changes, now: Database['now'], event: Event): Promise<void> {
  const { actor, action, subject, details = {} } = event;
  for (const text of [actor, action, subject]) expectText('history', text);
  const { number: before, hash: previous, time } = await lockHead(changes, now);
  const entry = { number: before + 1, time, actor, action, subject, details: JSON.stringify(details), previous };
  const hash = hashOf(entry);
  await changes
    .insertInto('history')
    .values({ ...entry, hash })
    .execute();
  await changes.updateTable('historyHead').set({ number: entry.number, hash }).where('id', '=', 1).execute();
}

/** The newest entry, which nobody else changes until the transaction ends, and the time. */
async function lockHead(changes: Changes, now: Database['now']): Promise<HistoryHead & { readonly time: number }> {
  return changes
    .insertInto('historyHead')
    .values({ id: 1, ...NO_ENTRY })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ id: 1 }))
    .returning(['number', 'hash', now().as('time')])
    .executeTakeFirstOrThrow();
}

/** Reads the whole history, page by page, and checks each entry; those that are added meanwhile, too. */
export async function checkHistory(database: Database): Promise<HistoryCheck> {
  for (let from = NO_ENTRY; ; ) {
    const check = await followChain((number) => entriesBehind(database, number), { from });
    if (check.kind === 'broken') return check;
    const { head } = check;
    const noted = (await database.queries.selectFrom('historyHead').selectAll().executeTakeFirst()) ?? NO_ENTRY;
    if (noted.number === head.number && noted.hash === head.hash) return check;
    if (noted.number <= head.number || head.number === from.number) return { kind: 'broken', number: head.number + 1 };
    from = head;
  }
}

/** The next entries behind this number, at most 200. */
export function entriesBehind({ queries }: Database, number: number): Promise<HistoryRow[]> {
  return queries.selectFrom('history').selectAll().where('number', '>', number).orderBy('number').limit(PAGE).execute();
}
