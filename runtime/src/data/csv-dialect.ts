/** How a table is written: what stands between its cells, and what of them is a number. */
export interface CsvDialect {
  /** The cells of a line, without blanks and quotes around them. */
  cells(line: string): string[];
  /** NaN where a cell is empty or no number. */
  number(cell: string): number;
}

/**
 * The dialect of a table by its first line: commas between the cells (RFC 4180, on one line), or semicolons, as
 * spreadsheets write where the comma is that of decimals; numbers then have a comma or a point. Semicolons separate
 * where there are more of them outside of quotes, or commas are only within numbers.
 */
export function csvDialect(firstLine: string): CsvDialect {
  const cells = cellsBetween(';', firstLine);
  const commas = cellsBetween(',', firstLine).length;
  const isDecimal = (cell: string) => Number.isFinite(decimal(cell));
  const semicolons = cells.length > 1 && cells.every((cell) => !cell.includes(',') || isDecimal(cell));
  if (cells.length > commas || semicolons) return { cells: (line) => cellsBetween(';', line), number: decimal };
  return { cells: (line) => cellsBetween(',', line), number };
}

function number(cell: string): number {
  return cell === '' ? Number.NaN : Number(cell);
}

/** With a comma or a point; one that has both is no number. */
function decimal(cell: string): number {
  return number(cell.includes('.') ? cell : cell.replace(',', '.'));
}

type Separator = ',' | ';';

function cellsBetween(separator: Separator, line: string): string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  return Array.from(line.matchAll(CELL[separator]), ([, cell]) => {
    const text = cell!.trim();
    return /^".*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;
  });
}

/** A cell within quotes, which may hold separators and doubled quotes, or one without. */
function cellBehind(separator: Separator): RegExp {
  return new RegExp(`(?:^|${separator})\\s*("(?:[^"]|"")*"(?=\\s*(?:${separator}|$))|[^${separator}]*)`, 'g');
}

const CELL: Readonly<Record<Separator, RegExp>> = { ',': cellBehind(','), ';': cellBehind(';') };
