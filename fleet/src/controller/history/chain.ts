import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { HistoryRow } from '../database/tables.ts';

/** The newest entry: whoever keeps it elsewhere notices later that the history was rewritten. */
export interface HistoryHead {
  readonly number: number;
  readonly hash: string;
}

export type HistoryCheck =
  | { readonly kind: 'whole'; readonly head: HistoryHead }
  /** The first entry that is missing, added or changed. */
  | { readonly kind: 'broken'; readonly number: number };

/** Of a history without entries. */
export const NO_ENTRY: HistoryHead = { number: 0, hash: '0'.repeat(64) };

export interface ChainOptions {
  /** The entry behind which it begins. Default: none. */
  readonly from?: HistoryHead;
  /** A head of before, which has to be one of the entries. */
  readonly known?: HistoryHead;
  /** Called with each entry that fits. */
  readonly onEntry?: (entry: HistoryRow) => void;
}

/** SHA-256 of the entry's values as a JSON list, in this order. */
export function hashOf({ number, time, actor, action, subject, details, previous }: Omit<HistoryRow, 'hash'>): string {
  const text = JSON.stringify([number, time, actor, action, subject, details, previous]);
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Computes the chain of hashes over a history, whoever gives its entries. Between pages others have their turn.
 * @param pageBehind the entries behind this number in their order, some at a time; none at the end
 */
export async function followChain(
  pageBehind: (number: number) => Promise<readonly HistoryRow[]>,
  { from = NO_ENTRY, known = NO_ENTRY, onEntry }: ChainOptions = {},
): Promise<HistoryCheck> {
  for (let head = from; ; await turn()) {
    const entries = await pageBehind(head.number);
    for (const entry of entries) {
      if (!isNext(entry, head) || (entry.number === known.number && entry.hash !== known.hash))
        return { kind: 'broken', number: head.number + 1 };
      head = { number: entry.number, hash: entry.hash };
      onEntry?.(entry);
    }
    if (entries.length > 0) continue;
    return head.number < known.number ? { kind: 'broken', number: head.number + 1 } : { kind: 'whole', head };
  }
}

function isNext(entry: HistoryRow, { number, hash }: HistoryHead): boolean {
  return entry.number === number + 1 && entry.previous === hash && entry.hash === hashOf(entry);
}
