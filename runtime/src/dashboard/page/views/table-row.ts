/** A row of a table: its first cell names it, or, of a row of `th`, stands above the names. */
export function tableRow(kind: 'th' | 'td', texts: readonly string[]): HTMLTableRowElement {
  const line = document.createElement('tr');
  line.append(
    ...texts.map((text, k) => {
      const cell = document.createElement(k === 0 ? 'th' : kind);
      cell.scope = k === 0 ? 'row' : kind === 'th' ? 'col' : '';
      cell.textContent = text;
      return cell;
    }),
  );
  return line;
}
