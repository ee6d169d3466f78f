import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import type { DataSet } from './data-set.ts';

/**
 * A table of labelled samples: comma-separated numbers, the class (a word or a number) in the last column; a first line that
 * is not numbers is a header. Rejects with a `file` error that names line and column.
 */
export async function readCsvTable(path: string | undefined): Promise<DataSet> {
  if (path === undefined || path === '') throw new SpikewireError('usage', '--data csv', 'names no file', 'csv:FILE');
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new SpikewireError('file', path, cause.message, 'a readable CSV file', cause);
  });
  return parseCsvTable(path, text);
}

export function parseCsvTable(name: string, text: string): DataSet {
  const lines = text.split(/\r?\n/).map((line, place) => ({ cells: line.split(',').map((cell) => cell.trim()), place: place + 1 }));
  const rows = lines.filter(({ cells }) => cells.length > 1 || cells[0] !== '');
  if (rows.length > 0 && isHeader(rows[0]!.cells)) rows.shift();
  if (rows.length === 0) throw new SpikewireError('file', name, 'has no rows', 'numbers, and the class in the last column');
  const columns = rows[0]!.cells.length;
  const samples = rows.map(({ cells, place }) => {
    if (cells.length !== columns || columns < 2) throw new SpikewireError('file', `${name}, line ${place}`, `has ${cells.length} columns`, `${Math.max(2, columns)}`);
    return Float64Array.from(cells.slice(0, -1), (cell, column) => numberIn(cell, `${name}, line ${place}, column ${column + 1}`));
  });
  const classNames = rows.map(({ cells }) => cells.at(-1)!);
  const classes = [...new Set(classNames)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return { name, classes, samples, labels: Int32Array.from(classNames, (label) => classes.indexOf(label)) };
}

function isHeader(cells: readonly string[]): boolean {
  return cells.slice(0, -1).every((cell) => cell === '' || !Number.isFinite(Number(cell)));
}

function numberIn(cell: string, where: string): number {
  const number = cell === '' ? Number.NaN : Number(cell);
  if (Number.isFinite(number)) return number;
  throw new SpikewireError('file', where, `is "${cell}"`, 'a finite number');
}
