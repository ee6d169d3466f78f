import { SpikewireError } from '@spikewire/models';
import type { SampleBlock, SensorDriver, SensorSettings } from 'spikewire/sensors';
import { joinGroup } from '../device-files/problem.ts';
import { type ChildProgram, type Mend, outputOf } from './reads/child.ts';
import { LineSplitter } from './reads/lines.ts';
import { SteadyOrigin } from './reads/steady-origin.ts';

/** Milliseconds in which gpiomon has to say its version. */
const PATIENCE = 5000;
/** Edge (1 rising, 2 falling), offset, seconds with nine decimals, name. */
const FORMAT = '%e %o %S %l';

/** What libgpiod says, and what mends it. */
const MENDS: readonly Mend[] = [
  [/permission denied|not permitted/i, joinGroup('gpio')],
  [/resource busy/i, 'a line that is not in use (gpioinfo shows its user)'],
  [/cannot find GPIO chip/, 'a chip that gpiodetect lists'],
  [/cannot find line|out of range/, `a line that gpioinfo lists; where it lists none, ${joinGroup('gpio')}`],
];

/**
 * Edges on lines of a GPIO chip: `gpio:<chip>/<line>,<line>`, or `gpio:<line>,<line>` by their names, as `gpio:GPIO17`.
 * A sample is the levels of all lines after an edge; where only one kind of edge is wanted, lines are taken to go back
 * at once, so that those that had none are at 0 beside a rising edge, and at 1 beside a falling one. Times are those of
 * the kernel's interrupt, to the nanosecond. The edges come from `gpiomon` of libgpiod 2, the levels at the start from
 * its `gpioget`.
 */
export const gpioDriver: SensorDriver = {
  scheme: 'gpio',
  summary: 'edges on GPIO lines, to the nanosecond',
  settings: {
    edge: 'both, rising or falling (default both)',
    bias: 'pull-up, pull-down or disabled (default: unchanged)',
    debounce: 'milliseconds that a level has to last',
    'active-low': 'a low level counts as 1',
  },
  /** Nobody can tell which lines have something at their other end. */
  list: async () => [],
  async open(name, settings) {
    const { address } = settings;
    const slash = name.lastIndexOf('/');
    const chip = slash < 0 ? undefined : name.slice(0, slash);
    const lines = name.slice(slash + 1).split(',');
    const isClear = lines.every((line) => /^[\w.:+][\w.:+-]*$/.test(line)) && new Set(lines).size === lines.length;
    if (!isClear || chip === '' || chip?.startsWith('-') || (chip === undefined && lines.some(isOffset))) {
      const expected = 'gpio:gpiochip0/17,27 or gpio:GPIO17';
      throw new SpikewireError('usage', address, 'does not say which lines', expected);
    }
    const edges = new Edges(address, lines, chip === undefined ? [] : ['--chip', chip], settings);
    await expectLibgpiod2(address);
    return {
      description: {
        address,
        name: chip === undefined ? 'GPIO lines' : `lines of ${chip}`,
        channels: lines.map((line) => ({ name: line, unit: '' })),
        timed: 'at the source',
      },
      samples: (signal) => edges.samples(signal),
    };
  },
};

const isOffset = (line: string) => /^\d+$/.test(line);

/** An edge of one of the lines, by its place among them. */
interface Edge {
  readonly line: number;
  readonly level: number;
  /** Seconds since the sensor was opened. */
  readonly time: number;
}

class Edges {
  readonly #address: string;
  readonly #lines: readonly string[];
  readonly #edge: 'both' | 'rising' | 'falling';
  readonly #request: readonly string[];
  readonly #watch: readonly string[];
  /** On the clock of the kernel's edges, which is that of the process, in nanoseconds; times count from here. */
  readonly #begun = process.hrtime.bigint();
  readonly #clock = new SteadyOrigin();

  constructor(address: string, lines: readonly string[], chip: readonly string[], settings: SensorSettings) {
    const edge = settings.word('edge', ['both', 'rising', 'falling']);
    const debounce = settings.number('debounce', { minimum: 0.001, maximum: 1e6 });
    this.#address = address;
    this.#lines = lines;
    this.#edge = edge;
    this.#request = [
      ...chip,
      ...(settings.text('bias') === undefined
        ? []
        : ['--bias', settings.word('bias', ['pull-up', 'pull-down', 'disabled'])]),
      ...(settings.text('active-low') === undefined ? [] : ['--active-low']),
    ];
    this.#watch = [
      ...['--edges', edge],
      ...(debounce === undefined ? [] : ['--debounce-period', `${Math.round(1000 * debounce)}us`]),
      ...['--event-clock', 'monotonic', '--unquoted', '--format', FORMAT],
    ];
  }

  async *samples(signal: AbortSignal): AsyncGenerator<SampleBlock> {
    const levels = this.#edge === 'both' ? await this.#levels(signal) : this.#rest;
    const child = libgpiod('gpiomon', [...this.#request, ...this.#watch, ...this.#lines]);
    const lines = new LineSplitter();
    for await (const bytes of outputOf(this.#address, child, signal)) {
      const edges = lines.take(bytes).flatMap((line) => this.#edgeIn(line) ?? []);
      const origin = this.#clock.at(this.#secondsAt(process.hrtime.bigint()));
      if (edges.length > 0) yield this.#blockOf(edges, levels, origin);
    }
  }

  #blockOf(edges: readonly Edge[], levels: Float64Array, origin: number): SampleBlock {
    const values = new Float64Array(edges.length * levels.length);
    for (const [k, { line, level }] of edges.entries()) {
      levels[line] = level;
      values.set(levels, k * levels.length);
      if (this.#edge !== 'both') levels[line] = 1 - level;
    }
    const times = Float64Array.from(edges, ({ time }) => time);
    return { origin, times, values, changed: Int32Array.from(edges, ({ line }) => line) };
  }

  /** The levels before the first edge. */
  async #levels(signal: AbortSignal): Promise<Float64Array> {
    const said = await sayingOf(this.#address, 'gpioget', [...this.#request, '--numeric', ...this.#lines], signal);
    const levels = Float64Array.from(said.split(/\s+/), Number);
    const isClear = levels.length === this.#lines.length && levels.every((level) => level === 0 || level === 1);
    if (isClear || signal.aborted) return levels;
    const problem = `gpioget says ${JSON.stringify(said.slice(0, 40))}`;
    throw new SpikewireError('input', this.#address, problem, '0 or 1 for each line');
  }

  /** The levels of lines that have just gone back. */
  get #rest(): Float64Array {
    return new Float64Array(this.#lines.length).fill(this.#edge === 'falling' ? 1 : 0);
  }

  #secondsAt(nanoseconds: bigint): number {
    return Number(nanoseconds - this.#begun) / 1e9;
  }

  #edgeIn(text: string): Edge | undefined {
    const [, edge, offset, seconds, name] = /^([12]) (\d+) (\d{1,10}\.\d{9})(?: (.*))?$/.exec(text) ?? [];
    if (edge === undefined) return undefined;
    const byName = this.#lines.indexOf(name ?? '');
    const line = byName >= 0 ? byName : this.#lines.indexOf(offset!);
    const time = this.#secondsAt(BigInt(seconds!.replace('.', '')));
    return line < 0 ? undefined : { line, level: edge === '1' ? 1 : 0, time };
  }
}

const libgpiod = (program: string, words: readonly string[]): ChildProgram => ({
  program,
  packaged: 'gpiod',
  words,
  mends: MENDS,
});

async function sayingOf(address: string, program: string, words: readonly string[], signal: AbortSignal) {
  let said = '';
  for await (const bytes of outputOf(address, { ...libgpiod(program, words), ends: true }, signal)) said += bytes;
  return said.trim();
}

async function expectLibgpiod2(address: string): Promise<void> {
  const said = await sayingOf(address, 'gpiomon', ['--version'], AbortSignal.timeout(PATIENCE));
  const [, version = 'unknown'] = /\bv(\d[\w.-]*)/.exec(said) ?? [];
  if (Number.parseInt(version, 10) >= 2) return;
  const expected = '2, as Debian 13 has it: sudo apt install gpiod';
  throw new SpikewireError('unsupported', address, `needs another libgpiod than ${version}`, expected);
}
