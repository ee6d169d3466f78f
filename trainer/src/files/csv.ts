import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { bytesOf } from './folder.ts';
import { inNaturalOrder } from './natural-order.ts';

/** A table with the names of its columns. */
export interface NamedColumns {
  readonly path: string;
  readonly names: readonly string[];
  /** The cells of each line, as many as there are names. */
  readonly lines: readonly (readonly string[])[];
}

/**
 * Every .csv and .csv.gz of a folder and those in it, by path, numbers in names in their order. Rejects with `file`.
 */
export async function tablesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((cause: Error) => {
    throw new SpikewireError('file', folder, `cannot be read (${cause.message})`, 'a folder of tables', cause);
  });
  return entries
    .filter((entry) => entry.isFile() && /\.csv(\.gz)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted(inNaturalOrder);
}

/** Rejects with `file` where the file cannot be read, is empty, or has a line of another length. */
export async function readTable(path: string, separator: string): Promise<NamedColumns> {
  const [head = '', ...texts] = (await bytesOf(path)).toString('utf8').trim().split(/\r?\n/);
  const names = head.split(separator);
  const lines = texts.map((text, at) => {
    const cells = text.split(separator);
    if (cells.length === names.length) return cells;
    throw new SpikewireError('file', `${path}, line ${at + 2}`, `has ${cells.length} cells`, `${names.length}`);
  });
  if (lines.length > 0) return { path, names, lines };
  throw new SpikewireError('file', path, 'has no lines', 'names of columns, and readings');
}

/** The numbers of some columns, line by line. Rejects with `file`. */
export function numbersOf({ path, names, lines }: NamedColumns, columns: readonly string[]): Float64Array[] {
  const indexes = columns.map((column) => names.indexOf(column));
  const missing = columns.find((_, k) => indexes[k]! < 0);
  if (missing !== undefined) throw new SpikewireError('file', path, `has no column "${missing}"`, columns.join(', '));
  return lines.map((cells, at) => {
    const numbers = Float64Array.from(indexes, (index) => (cells[index] === '' ? Number.NaN : Number(cells[index])));
    if (numbers.every(Number.isFinite)) return numbers;
    throw new SpikewireError('file', `${path}, line ${at + 2}`, 'is damaged', 'numbers');
  });
}
