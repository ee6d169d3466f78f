import type { DataSet } from '@spikewire/engine/data';
import { printableLine, SpikewireError } from '@spikewire/models';
import { eachLine } from '../file-lines.ts';
import { openRegularFile } from '../regular-file.ts';
import { SetMemory } from '../set-memory.ts';
import { type CsvDialect, csvDialect } from './csv-dialect.ts';

/** Bytes of a line. */
const LONGEST_LINE = 1 << 22;
const EXPECTED = 'numbers, and the class in the last column';
/** More columns are the pixels of an image, or points of a curve. */
const MOST_NAMED = 256;
const LONGEST_NAME = 256;
/** Of a row beside its numbers, and of a class beside its name (measured, with room to grow). */
const [BYTES_OF_ROW, BYTES_OF_CLASS] = [120, 256];

/**
 * A table of labelled samples: numbers between commas or semicolons, the class (a word or a number) in the last column;
 * a first line without numbers is a header. Reads it line by line; rejects with `file`, naming line and column, and
 * with
 * `budget` where the samples take more than a net may take on this machine.
 */
export async function readCsvTable(path: string | undefined): Promise<DataSet> {
  if (path === undefined || path === '') throw new SpikewireError('usage', '--data csv', 'names no file', 'csv:FILE');
  const file = await openRegularFile(path, 'a CSV file');
  try {
    const table = new CsvTable(path);
    await eachLine(file, { path, longest: LONGEST_LINE }, (line, number) => table.add(line, number));
    return table.end();
  } finally {
    await file.close().catch(() => {}); // it was only read
  }
}

/** The table of a text; `name` stands in front of what is wrong with it. */
export function parseCsvTable(name: string, text: string): DataSet {
  const table = new CsvTable(name);
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) table.add(line, index + 1);
  return table.end();
}

class CsvTable {
  readonly #name: string;
  readonly #memory: SetMemory;
  readonly #samples: number[][] = [];
  /** Of each row, an index of the classes as they came. */
  readonly #labels: number[] = [];
  readonly #classes = new Map<string, number>();
  #dialect: CsvDialect | undefined;
  #header: readonly string[] | undefined;
  #columns = 0;

  constructor(name: string) {
    this.#name = name;
    this.#memory = new SetMemory(name);
  }

  /** `number` counts from 1. */
  add(line: string, number: number): void {
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
    if (this.#dialect === undefined && !/[^,;\s]/.test(text)) return;
    this.#dialect ??= csvDialect(text);
    const cells = this.#dialect.cells(text);
    if (cells.every((cell) => cell === '')) return;
    if (this.#columns === 0) {
      this.#columns = cells.length;
      if (cells.slice(0, -1).every((cell) => this.#isWord(cell))) {
        this.#header = cells;
        return;
      }
    }
    this.#addRow(cells, `${this.#name}, line ${number}`);
  }

  end(): DataSet {
    if (this.#samples.length === 0) throw new SpikewireError('file', this.#name, 'has no rows', EXPECTED);
    const classes = [...this.#classes.keys()].sort(byNumberOrWord);
    const indices = new Int32Array(classes.length);
    for (const [index, label] of classes.entries()) indices[this.#classes.get(label)!] = index;
    const labels = Int32Array.from(this.#labels, (label) => indices[label]!);
    const channels = this.#header?.slice(0, -1) ?? [];
    return {
      ...{ name: this.#name, classes, samples: this.#samples, labels },
      ...(areNames(channels) && { channels }),
    };
  }

  #isWord(cell: string): boolean {
    return cell !== '' && !Number.isFinite(this.#dialect!.number(cell));
  }

  #addRow(cells: readonly string[], where: string): void {
    const columns = this.#columns;
    if (columns < 2) throw new SpikewireError('file', this.#name, 'has 1 column', EXPECTED);
    if (cells.length !== columns)
      throw new SpikewireError('file', where, `has ${cells.length} columns`, `${columns}, like the first line`);
    this.#memory.take(BYTES_OF_ROW + 8 * columns);
    // Made at its length: one that grows has room for more. A typed array costs more than the numbers of most rows.
    const sample = new Array<number>(columns - 1);
    for (let column = 0; column < sample.length; column++)
      sample[column] = this.#numberIn(cells[column]!, where, column);
    this.#samples.push(sample);
    this.#labels.push(this.#classOf(cells.at(-1)!, where));
  }

  #numberIn(cell: string, where: string, column: number): number {
    const number = this.#dialect!.number(cell);
    if (Number.isFinite(number)) return number;
    const problem = cell === '' ? 'is empty' : `is "${cell.slice(0, 40)}"`;
    throw new SpikewireError('file', this.#placeOf(where, column), problem, 'a finite number');
  }

  #classOf(label: string, where: string): number {
    if (label === '') {
      throw new SpikewireError('file', this.#placeOf(where, this.#columns - 1), 'is empty', 'the name of a class');
    }
    const known = this.#classes.get(label);
    if (known !== undefined) return known;
    this.#memory.take(BYTES_OF_CLASS + 2 * label.length);
    // A copy: a part of a line would keep all of it in memory.
    this.#classes.set(Buffer.from(label).toString(), this.#classes.size);
    return this.#classes.size - 1;
  }

  #placeOf(where: string, column: number): string {
    return `${where}, column ${column + 1}${this.#header ? ` (${this.#header[column]})` : ''}`;
  }
}

/** Whether a header names what a reading has, so that messages can say it by these names. */
function areNames(header: readonly string[]): boolean {
  const isName = (name: string) => name.length <= LONGEST_NAME && printableLine(name) === name;
  const { length } = header;
  return length > 0 && length <= MOST_NAMED && new Set(header).size === length && header.every(isName);
}

/** Classes that are numbers in their order, words behind them by their letters: the same on every machine. */
function byNumberOrWord(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isFinite(x) && Number.isFinite(y)) return x - y;
  if (Number.isFinite(x) !== Number.isFinite(y)) return Number.isFinite(x) ? -1 : 1;
  return a < b ? -1 : 1;
}
