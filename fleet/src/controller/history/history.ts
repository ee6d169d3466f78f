import { createHash } from 'node:crypto';
import type { Changes, Database } from '../database/database.ts';
import type { HistoryRow } from '../database/tables.ts';
import { expectText } from '../database/text.ts';

/** Something that somebody did. */
export interface Event {
  /** A person, a device, or the controller. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to. */
  readonly subject: string;
  readonly details?: unknown;
}

/** The newest entry: whoever keeps it elsewhere notices later that the history was rewritten. */
export interface HistoryHead {
  readonly number: number;
  readonly hash: string;
}

export type HistoryCheck =
  | { readonly kind: 'whole'; readonly head: HistoryHead }
  /** The first entry that is missing, added or changed. */
  | { readonly kind: 'broken'; readonly number: number };

const EMPTY: HistoryHead = { number: 0, hash: '0'.repeat(64) };
/** Entries that are in memory at a time. */
const PAGE = 1000;

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
    .values({ id: 1, ...EMPTY })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ id: 1 }))
    .returning(['number', 'hash', now().as('time')])
    .executeTakeFirstOrThrow();
}

/** SHA-256 of the entry's values as a JSON list, in this order. */
function hashOf({ number, time, actor, action, subject, details, previous }: Omit<HistoryRow, 'hash'>): string {
  const text = JSON.stringify([number, time, actor, action, subject, details, previous]);
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Reads the whole history, as it is at one moment, and checks each entry.
 * @param known a head of before, which has to be one of the entries
 */
export async function checkHistory({ queries }: Database, known: HistoryHead = EMPTY): Promise<HistoryCheck> {
  return queries
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((reads) => checkIn(reads, known));
}

async function checkIn(reads: Changes, known: HistoryHead): Promise<HistoryCheck> {
  let head = EMPTY;
  for (let isLast = false; !isLast; ) {
    const rows = await pageBehind(reads, head.number);
    for (const row of rows) {
      const number = head.number + 1;
      const isKnown = number !== known.number || row.hash === known.hash;
      if (row.number !== number || row.previous !== head.hash || row.hash !== hashOf(row) || !isKnown)
        return { kind: 'broken', number };
      head = { number, hash: row.hash };
    }
    isLast = rows.length < PAGE;
  }
  const noted = (await reads.selectFrom('historyHead').selectAll().executeTakeFirst()) ?? EMPTY;
  const isCut = head.number < known.number || noted.number !== head.number || noted.hash !== head.hash;
  return isCut ? { kind: 'broken', number: head.number + 1 } : { kind: 'whole', head };
}

function pageBehind(reads: Changes, number: number): Promise<HistoryRow[]> {
  return reads.selectFrom('history').selectAll().where('number', '>', number).orderBy('number').limit(PAGE).execute();
}
