import { SpikewireError } from '@spikewire/models';
import { isText } from './text.ts';

/** Some of a list, in its order. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The `after` of the next page; null at the end of the list. */
  readonly next: string | null;
}

/** Which page of a list is wanted. */
export interface PageWish {
  /** `next` of the page before; absent: the first page. */
  readonly after?: string | undefined;
  /** 1 … `MOST_ITEMS`. */
  readonly limit: number;
}

/** Of a page. */
export const MOST_ITEMS = 100;

/** What an item is sorted by: unique within its list, and always the same for the same item. */
export type SortKey = readonly (string | number)[];

/** Rows to ask for: one more than the page has shows whether another page follows. Throws `input`. */
export function rowsOfPage({ limit }: PageWish): number {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MOST_ITEMS))
    throw new SpikewireError('input', 'limit', `is ${limit}`, `1 to ${MOST_ITEMS}`);
  return limit + 1;
}

export function pageOf<Row>(rows: readonly Row[], { limit }: PageWish, keyOf: (row: Row) => SortKey): Page<Row> {
  const items = rows.slice(0, limit);
  const isLast = rows.length <= limit;
  return { items, next: isLast ? null : Buffer.from(JSON.stringify(keyOf(items.at(-1)!))).toString('base64url') };
}

/**
 * What the last item of the page before is sorted by; undefined for the first page. Throws `input` where that was not
 * the `next` of a page of this list.
 * @param form a key of the list: of which types its values are
 */
export function keyBefore<Key extends SortKey>({ after }: PageWish, form: Key): Key | undefined {
  if (after === undefined) return undefined;
  const key = parsed(after);
  const isKey =
    Array.isArray(key) && key.length === form.length && key.every((value, k) => isStorable(value, typeof form[k]));
  if (!isKey) throw new SpikewireError('input', 'after', 'is not from this list', '"next" of the page before');
  return key as unknown as Key;
}

function isStorable(value: unknown, type: string): boolean {
  if (typeof value !== type) return false;
  return typeof value === 'string' ? isText(value) : Number.isSafeInteger(value);
}

function parsed(after: string): unknown {
  try {
    return JSON.parse(Buffer.from(after, 'base64url').toString());
  } catch {
    return undefined;
  }
}
