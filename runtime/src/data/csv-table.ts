import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { unreadableFile } from '../file-problem.ts';
import { type CsvDialect, csvDialect } from './csv-dialect.ts';
import type { DataSet } from './data-set.ts';

/**
 * A table of labelled samples: numbers between commas or semicolons, the class (a word or a number) in the last column;
 * a first line without numbers is a header. Rejects with `file`, naming line and column.
 */
export async function readCsvTable(path: string | undefined): Promise<DataSet> {
  if (path === undefined || path === '') throw new SpikewireError('usage', '--data csv', 'names no file', 'csv:FILE');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadableFile(path, cause, 'a CSV file');
  });
  return parseCsvTable(path, text);
}

interface Line {
  readonly cells: readonly string[];
  /** Number of the line in the file, from 1. */
  readonly number: number;
}

/** The table of a text; `name` stands in front of what is wrong with it. */
export function parseCsvTable(name: string, text: string): DataSet {
  const { lines, number: numberOf } = readLines(text);
  const isWord = (cell: string) => cell !== '' && !Number.isFinite(numberOf(cell));
  const header = lines[0]?.cells.slice(0, -1).every(isWord) ? lines.shift()!.cells : undefined;
  if (lines.length === 0)
    throw new SpikewireError('file', name, 'has no rows', 'numbers, and the class in the last column');
  const columns = header?.length ?? lines[0]!.cells.length;
  if (columns < 2) throw new SpikewireError('file', name, 'has 1 column', 'numbers, and the class in the last column');
  const samples: Float64Array[] = [];
  const names: string[] = [];
  for (const { cells, number } of lines) {
    const line = `${name}, line ${number}`;
    if (cells.length !== columns) {
      throw new SpikewireError('file', line, `has ${cells.length} columns`, `${columns}, like the first line`);
    }
    const placeOf = (column: number) => `${line}, column ${column + 1}${header ? ` (${header[column]})` : ''}`;
    samples.push(
      Float64Array.from(cells.slice(0, -1), (cell, column) => finite(numberOf(cell), cell, placeOf(column))),
    );
    names.push(classIn(cells.at(-1)!, placeOf(columns - 1)));
  }
  const classes = [...new Set(names)].sort(byNumberOrWord);
  const indices = new Map(classes.map((label, index) => [label, index]));
  return { name, classes, samples, labels: Int32Array.from(names, (label) => indices.get(label)!) };
}

/** Lines that hold something, without a byte order mark, and what of their cells is a number. */
function readLines(text: string): { lines: Line[]; number: CsvDialect['number'] } {
  const written = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  const { cells, number } = csvDialect(written.find((line) => /[^,;\s]/.test(line)) ?? '');
  const lines = written.map((line, index) => ({ cells: cells(line), number: index + 1 }));
  return { lines: lines.filter(({ cells }) => cells.some((cell) => cell !== '')), number };
}

function finite(number: number, cell: string, where: string): number {
  if (Number.isFinite(number)) return number;
  throw new SpikewireError('file', where, cell === '' ? 'is empty' : `is "${cell.slice(0, 40)}"`, 'a finite number');
}

function classIn(cell: string, where: string): string {
  if (cell !== '') return cell;
  throw new SpikewireError('file', where, 'is empty', 'the name of a class');
}

/** Classes that are numbers in their order, words behind them by their letters: the same on every machine. */
function byNumberOrWord(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isFinite(x) && Number.isFinite(y)) return x - y;
  if (Number.isFinite(x) !== Number.isFinite(y)) return Number.isFinite(x) ? -1 : 1;
  return a < b ? -1 : 1;
}
