import type { Report, Table } from './report.ts';

/** The tables of a report as text. */
export function reportLines({ tables }: Report): string[] {
  return tables.flatMap((table, index) => [...(index > 0 ? [''] : []), ...linesOf(table)]);
}

function linesOf({ title, note, head, rows }: Table): string[] {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)))
      .join('  ')
      .trimEnd();
  const heads = head.some((cell) => cell !== '') ? [line(head)] : [];
  return [title, ...(note === undefined ? [] : [note]), ...heads, ...rows.map(line)];
}
