/** Rows under a header in columns as wide as their cells; columns that are numbers throughout stand to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const columns = header.map((title, column) => {
    const cells = rows.map((row) => row[column]!);
    const width = Math.max(title.length, ...cells.map((cell) => cell.length));
    return { width, right: title !== '' && cells.every((cell) => /^\d*$/.test(cell)) };
  });
  const line = (cells: readonly string[]) =>
    columns
      .map(({ width, right }, column) => (right ? cells[column]!.padStart(width) : cells[column]!.padEnd(width)))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map((cells) => `  ${line(cells)}`.trimEnd());
}
