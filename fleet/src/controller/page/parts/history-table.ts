import type { HistoryEntry } from '../../wire/wire.ts';
import type { Content } from '../markup.ts';
import { detailsText } from '../text/history-text.ts';
import { timeText } from '../text/time-text.ts';
import { type Row, table } from './table.ts';

/** What somebody did; `subjectOf` links to what it was done to, where that is not the view itself. */
export function historyTable(entries: readonly HistoryEntry[], subjectOf?: (entry: HistoryEntry) => Content): Content {
  const columns = ['When', 'Who', 'What', ...(subjectOf === undefined ? [] : ['To']), 'Details'];
  const rows = entries.map((entry): Row => {
    const { number, time, actor, action, details } = entry;
    const subject = subjectOf === undefined ? [] : [subjectOf(entry)];
    return { key: String(number), cells: [timeText(time), actor, action, ...subject, detailsText(details)] };
  });
  return table('History', columns, rows, 'Nothing has happened.');
}
