import { type ChannelDeclaration, SpikewireError } from '@spikewire/models';
import type { CsvDialect } from 'spikewire/data';
import type { SensorDescription, SensorDriver, SensorSettings } from 'spikewire/sensors';
import { linesOf } from './reads/recorded-lines.ts';
import { type DueSample, replay } from './reads/replay.ts';

/** Names of a column that has the times. */
const TIMES = ['t', 'time', 'timestamp', 'seconds'];

/**
 * A recorded table: `csv:<path>` gives its rows at the times of its column `time` (seconds, or dates of ISO 8601), or
 * at a `rate`. The first line names the columns, with units as in `temperature (°C)`; columns that are no numbers are
 * left out unless `channels` names them.
 */
export const csvDriver: SensorDriver = {
  scheme: 'csv',
  summary: 'the rows of a table, at their times or at a rate',
  settings: {
    rate: 'rows per second, instead of their own times',
    speed: 'how many times as fast as the recording',
    loop: 'begin again at the end, where there is a rate',
    channels: 'some of its columns, in this order',
  },
  list: async () => [],
  async open(path, settings) {
    const table = await Table.open(path, settings);
    const description: SensorDescription = {
      address: settings.address,
      name: path,
      channels: table.channels,
      ...(table.rate === undefined ? {} : { rate: table.rate }),
      timed: 'at the source',
    };
    return { description, samples: (signal) => replay(table.samples(signal), signal) };
  },
};

/** Rows of a file that is read as they are wanted. */
class Table {
  readonly channels: readonly ChannelDeclaration[];
  readonly rate: number | undefined;
  readonly #path: string;
  readonly #dialect: CsvDialect;
  readonly #columns: readonly number[];
  readonly #time: number;
  readonly #speed: number;
  readonly #loop: boolean;

  static async open(path: string, settings: SensorSettings): Promise<Table> {
    const first: string[] = [];
    for await (const line of linesOf(path)) if (first.push(line) === 2) break;
    const [header, row] = first;
    if (header !== undefined && row !== undefined) {
      const { csvDialect } = await import('spikewire/data');
      return new Table(path, csvDialect(row), [header, row], settings);
    }
    throw new SpikewireError('input', path, `has ${first.length} lines`, 'names of columns, and rows');
  }

  private constructor(path: string, dialect: CsvDialect, [header, row]: [string, string], settings: SensorSettings) {
    this.#path = path;
    this.#dialect = dialect;
    const names = this.#dialect.cells(header).map((name) => name.replace(/^\uFEFF/, ''));
    const cells = this.#dialect.cells(row);
    this.#time = names.findIndex((name) => TIMES.includes(withoutUnit(name).toLowerCase()));
    const wanted = settings.text('channels')?.split(',');
    const isNumber = (column: number) => Number.isFinite(this.#dialect.number(cells[column] ?? ''));
    const numbers = [...names.keys()].filter((column) => column !== this.#time && isNumber(column));
    this.#columns = wanted?.map((word) => find(path, names, word)) ?? numbers;
    this.channels = this.#columns.map((column) => declare(names[column]!));
    this.#loop = settings.text('loop') !== undefined;
    this.#speed = settings.number('speed', { minimum: 1e-6 }) ?? 1;
    const hasTimes = this.#time >= 0;
    this.rate = settings.number('rate', { minimum: 1e-6, maximum: 1e6 }) ?? (hasTimes ? undefined : 1);
    if (this.#loop && this.rate === undefined) {
      throw new SpikewireError('usage', settings.address, 'has loop, but its own times', 'a rate');
    }
  }

  async *samples(signal: AbortSignal): AsyncGenerator<DueSample> {
    let count = 0;
    let first: number | undefined;
    do {
      const before = count;
      let isHeader = true;
      for await (const line of linesOf(this.#path, signal)) {
        const cells = this.#dialect.cells(line);
        if (isHeader) isHeader = false;
        else {
          const own = this.rate === undefined ? this.#secondsOf(cells[this.#time] ?? '') : count / this.rate;
          if (Number.isFinite(own)) first ??= own;
          const values = Float64Array.from(this.#columns, (column) => this.#dialect.number(cells[column] ?? ''));
          yield { time: (own - (first ?? Number.NaN)) / (this.rate === undefined ? this.#speed : 1), values };
          count++;
        }
      }
      if (count === before) throw new SpikewireError('usage', this.#path, 'has no rows', 'a row per sample');
    } while (this.#loop);
  }

  #secondsOf(cell: string): number {
    const seconds = this.#dialect.number(cell);
    return Number.isFinite(seconds) ? seconds : Date.parse(cell) / 1000;
  }
}

function find(path: string, names: readonly string[], word: string): number {
  const column = names.findIndex((name) => name === word || withoutUnit(name) === word);
  if (column >= 0) return column;
  throw new SpikewireError('input', path, `has no column "${word}"`, names.map(withoutUnit).join(', '));
}

function withoutUnit(name: string): string {
  return name.replace(/\s*[([][^()[\]]*[)\]]\s*$/, '');
}

function declare(name: string): ChannelDeclaration {
  return { name: withoutUnit(name), unit: /[([]([^()[\]]*)[)\]]\s*$/.exec(name)?.[1] ?? '' };
}
