import type { FileHandle } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { type CsvDialect, csvDialect, eachLine, openRegularFile } from 'spikewire/data';
import { channelsIn, namesOf, type RecordingFormat, type Stretch, type Wanted } from './recording.ts';
import { Stretches } from './stretches.ts';

/** In bytes. */
const LONGEST_LINE = 1 << 20;

/** A sample of each channel per row, under their names; other columns may say class and group of a row. */
export const csv: RecordingFormat = {
  extensions: ['.csv'],
  async read(path, wanted) {
    const file = await openRegularFile(path, 'a table');
    try {
      return await stretchesOf(path, file, wanted);
    } finally {
      await file.close().catch(() => {}); // it was only read
    }
  },
};

async function stretchesOf(path: string, file: FileHandle, wanted: Wanted): Promise<readonly Stretch[]> {
  let dialect: CsvDialect | undefined;
  let table: Table | undefined;
  await eachLine(file, { path, longest: LONGEST_LINE }, (line, number) => {
    if (line.trim() === '') return;
    const text = table === undefined ? line.replace(/^\uFEFF/, '') : line;
    dialect ??= csvDialect(text);
    const cells = dialect.cells(text);
    const isWord = (cell: string) => cell !== '' && !Number.isFinite(dialect!.number(cell));
    const isHeader = table === undefined && cells.some(isWord);
    table ??= new Table(path, dialect, isHeader ? cells : namesOf(cells.length), wanted);
    if (!isHeader) table.add(cells, number);
  });
  return table?.stretches() ?? [];
}

class Table {
  readonly #path: string;
  readonly #dialect: CsvDialect;
  readonly #names: readonly string[];
  readonly #label: number | undefined;
  readonly #group: number | undefined;
  readonly #columns: readonly number[];
  readonly #stretches: Stretches;
  readonly #sample: Float64Array;

  constructor(path: string, dialect: CsvDialect, names: readonly string[], wanted: Wanted) {
    this.#path = path;
    this.#dialect = dialect;
    this.#names = names;
    this.#label = this.#columnOf(wanted.labelColumn);
    this.#group = this.#columnOf(wanted.groupColumn);
    const others = [...names.keys()].filter((column) => column !== this.#label && column !== this.#group);
    const otherNames = others.map((column) => names[column]!);
    this.#columns = channelsIn(path, otherNames, wanted).map((index) => others[index]!);
    const twice = nameOfTwo(names, new Set(this.#columns.map((column) => names[column]!)));
    if (twice !== undefined)
      throw new SpikewireError('file', path, `has two columns "${twice}"`, 'a name for each, or other --channels');
    if (this.#columns.length === 0) throw new SpikewireError('file', path, 'has no channels', 'columns of numbers');
    this.#stretches = new Stretches(
      path,
      this.#columns.map((column) => names[column]!),
    );
    this.#sample = new Float64Array(this.#columns.length);
  }

  #columnOf(name: string | undefined): number | undefined {
    if (name === undefined) return undefined;
    const column = this.#names.indexOf(name);
    if (column >= 0) return column;
    const expected = `one of ${this.#names.slice(0, 12).join(', ')}`;
    throw new SpikewireError('file', this.#path, `has no column "${name}"`, expected);
  }

  /** `line` counts from 1. */
  add(cells: readonly string[], line: number): void {
    const { length } = this.#names;
    const where = `${this.#path}, line ${line}`;
    if (cells.length !== length) throw new SpikewireError('file', where, `has ${cells.length} columns`, `${length}`);
    for (const [k, column] of this.#columns.entries()) {
      const number = this.#dialect.number(cells[column]!);
      this.#sample[k] = number;
      if (Number.isFinite(number)) continue;
      const place = `${where}, column ${this.#names[column]}`;
      throw new SpikewireError('file', place, `is ${JSON.stringify(cells[column]!.slice(0, 40))}`, 'a finite number');
    }
    this.#stretches.add(this.#word(cells, this.#label, where), this.#word(cells, this.#group, where), this.#sample);
  }

  #word(cells: readonly string[], column: number | undefined, where: string): string | undefined {
    if (column === undefined || cells[column] !== '') return column === undefined ? undefined : cells[column];
    throw new SpikewireError('file', `${where}, column ${this.#names[column]}`, 'is empty', 'a name');
  }

  stretches(): readonly Stretch[] {
    this.#stretches.end();
    return this.#stretches.all;
  }
}

/** One of some names that two columns have. */
function nameOfTwo(names: readonly string[], some: ReadonlySet<string>): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => some.has(name) && seen.size === seen.add(name).size);
}
