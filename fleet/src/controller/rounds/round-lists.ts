import type { Database } from '../database/database.ts';
import { keyBefore, type Page, type PageWish, pageOf, rowsOfPage } from '../database/page.ts';
import type { RoundRow } from '../database/round-rows.ts';
import { type Labels, readLabels } from '../labels/labels.ts';

export interface RoundSummary extends Omit<RoundRow, 'labels' | 'file' | 'result'> {
  readonly labels: Labels;
}

export interface RoundDetails extends RoundSummary {
  /** Lessons of all parts that have come. */
  readonly lessons: number;
  /** Why parts were left out, and how many: no device is named. */
  readonly leftOut: readonly { readonly reason: string; readonly parts: number }[];
}

const COLUMNS = [
  ...(['id', 'model', 'channel', 'base', 'labels', 'method', 'cohort', 'most', 'fewest', 'deadline', 'parts'] as const),
  ...(['taken', 'phase', 'reason', 'begun', 'begunBy', 'ended', 'resultSha256'] as const),
];

/** Rounds, the newest first. */
export async function listRounds({ queries }: Database, wish: PageWish): Promise<Page<RoundSummary>> {
  const before = keyBefore<[number, string]>(wish, [0, '']);
  const rows = await queries
    .selectFrom('round')
    .select(COLUMNS)
    .$if(before !== undefined, (list) =>
      list.where(({ eb, and, or }) =>
        or([eb('begun', '<', before![0]), and([eb('begun', '=', before![0]), eb('id', '>', before![1])])]),
      ),
    )
    .orderBy('begun', 'desc')
    .orderBy('id')
    .limit(rowsOfPage(wish))
    .execute();
  const page = pageOf(rows, wish, ({ begun, id }) => [begun, id]);
  return { ...page, items: page.items.map((row) => ({ ...row, labels: readLabels(row.labels) })) };
}

/** Undefined where there is no round of this id. */
export async function roundDetails({ queries }: Database, id: string): Promise<RoundDetails | undefined> {
  const row = await queries.selectFrom('round').select(COLUMNS).where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const groups = await queries
    .selectFrom('roundPart')
    .select('leftOut')
    .select(({ fn }) => [fn.countAll<number>().as('parts'), fn.sum<number | string>('samples').as('lessons')])
    .where('round', '=', id)
    .groupBy('leftOut')
    .orderBy('leftOut')
    .execute();
  const leftOut = groups.flatMap(({ leftOut: reason, parts }) =>
    reason === null ? [] : [{ reason, parts: Number(parts) }],
  );
  const lessons = groups.reduce((sum, group) => sum + Number(group.lessons), 0);
  return { ...row, labels: readLabels(row.labels), lessons, leftOut };
}
