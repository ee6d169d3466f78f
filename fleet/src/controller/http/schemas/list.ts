import { z } from '@hono/zod-openapi';
import { keyBefore, MOST_ITEMS, type Page, type PageWish, pageOf, rowsOfPage } from '../../database/page.ts';

const DEFAULT_ITEMS = 50;
const LONGEST_CURSOR = 2000;
const LONGEST_WORD = 300;

/** A word of a query or a path: an id, a name, or `key=value`; the databases know no longer ones. */
export const word = z.string().max(LONGEST_WORD);

/** Members of the query of every list. */
export const listQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_ITEMS)
    .default(DEFAULT_ITEMS)
    .openapi({ description: 'items at most' }),
  after: z.string().max(LONGEST_CURSOR).optional().openapi({ description: '`next` of the page before' }),
};

/** The answer of every list. */
export function listOf<Item extends z.ZodType>(item: Item) {
  const next = z.string().nullable().openapi({ description: '`after` of the next page; null at the end' });
  return z.object({ items: z.array(item).readonly(), next });
}

/** A page of a list that is short enough to be read whole, in the order of its keys. */
export function pageOfAll<Item>(all: readonly Item[], keyOf: (item: Item) => string, wish: PageWish): Page<Item> {
  const [before] = keyBefore(wish, ['']) ?? [];
  const sorted = all.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const rows = sorted.filter(({ key }) => before === undefined || key > before).slice(0, rowsOfPage(wish));
  const { items, next } = pageOf(rows, wish, ({ key }) => [key]);
  return { items: items.map(({ item }) => item), next };
}
