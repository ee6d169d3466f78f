import { type Content, make } from '../markup.ts';

export interface Row {
  /** What the row is about, for as long as it is shown. */
  readonly key: string;
  /** The first cell names the row. */
  readonly cells: readonly Content[];
}

/** A table; on a phone each row becomes a block in which the columns are named again. */
export function table(label: string, columns: readonly string[], rows: readonly Row[], empty: string): Content {
  if (rows.length === 0) return make('p', { class: 'detail' }, empty);
  const heads = columns.map((column) => make('th', { role: 'columnheader', scope: 'col' }, column));
  // The roles say again what `display: block` on a phone would take from the elements.
  return make(
    'table',
    { role: 'table', 'aria-label': label },
    make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, heads)),
    make(
      'tbody',
      { role: 'rowgroup' },
      rows.map((row) => line(columns, row)),
    ),
  );
}

function line(columns: readonly string[], { key, cells }: Row): Content {
  const [name, ...others] = cells;
  return make(
    'tr',
    { role: 'row', 'data-key': key },
    make('th', { role: 'rowheader', scope: 'row' }, name),
    others.map((cell, k) => make('td', { role: 'cell', 'data-column': columns[k + 1] ?? '' }, make('span', {}, cell))),
  );
}
