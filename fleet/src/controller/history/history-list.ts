import type { Database } from '../database/database.ts';
import { keyBefore, type Page, type PageWish, pageOf, rowsOfPage } from '../database/page.ts';
import type { HistoryRow } from '../database/tables.ts';

export interface HistoryWish extends PageWish {
  /** Only entries about it. */
  readonly subject?: string | undefined;
}

/** Entries, the newest first. */
export async function listHistory({ queries }: Database, wish: HistoryWish): Promise<Page<HistoryRow>> {
  const before = keyBefore(wish, [0]);
  const rows = await queries
    .selectFrom('history')
    .selectAll()
    .$if(wish.subject !== undefined, (list) => list.where('subject', '=', wish.subject!))
    .$if(before !== undefined, (list) => list.where('number', '<', before![0]!))
    .orderBy('number', 'desc')
    .limit(rowsOfPage(wish))
    .execute();
  return pageOf(rows, wish, ({ number }) => [number]);
}
