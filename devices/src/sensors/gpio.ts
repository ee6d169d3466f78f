import { SpikewireError } from '@spikewire/models';
import { type SampleBlock, type SensorDriver, SensorSettings } from 'spikewire/sensors';
import { outputOf } from './reads/child.ts';
import { LineSplitter } from './reads/lines.ts';

/** Edge (1 rising, 2 falling), offset, seconds with nine decimals, name. */
const FORMAT = '%e %o %S %l';

/**
 * Edges on lines of a GPIO chip: `gpio:<chip>/<line>,<line>`, or `gpio:<line>,<line>` by their names, as `gpio:GPIO17`.
 * A sample is the levels of all lines after an edge, with the time of the kernel's interrupt, to the nanosecond. The
 * edges come from `gpiomon` of libgpiod 2, the levels at the start from its `gpioget`.
 */
export const gpioDriver: SensorDriver = {
  scheme: 'gpio',
  summary: 'edges on GPIO lines, to the nanosecond',
  settings: {
    bias: 'pull-up, pull-down or disabled; left as it is where absent',
    edges: 'both, rising or falling',
    debounce: 'milliseconds that a level has to last',
    'active-low': 'a low level counts as 1',
  },
  list: async () => [],
  async open(name, settings = new SensorSettings(`gpio:${name}`)) {
    const slash = name.indexOf('/');
    const chip = slash < 0 ? undefined : name.slice(0, slash);
    const lines = name.slice(slash + 1).split(',');
    const isClear = lines.every((line) => /^[\w.:+-]+$/.test(line)) && new Set(lines).size === lines.length;
    if (!isClear || (chip === undefined && lines.some((line) => /^\d+$/.test(line)))) {
      throw new SpikewireError(
        'usage',
        settings.address,
        'does not say which lines',
        'gpio:gpiochip0/17,27 or gpio:GPIO17',
      );
    }
    const edges = new Edges(settings.address, lines, [...(chip === undefined ? [] : ['--chip', chip])], settings);
    return {
      description: {
        address: settings.address,
        name: chip === undefined ? 'GPIO lines' : `lines of ${chip}`,
        channels: lines.map((line) => ({ name: line, unit: '' })),
        timed: 'at the source',
      },
      samples: (signal) => edges.samples(signal),
    };
  },
};

class Edges {
  readonly #address: string;
  readonly #lines: readonly string[];
  readonly #request: readonly string[];
  readonly #watch: readonly string[];

  constructor(address: string, lines: readonly string[], chip: readonly string[], settings: SensorSettings) {
    const bias = settings.text('bias');
    const debounce = settings.number('debounce', { minimum: 0, maximum: 1e6 });
    this.#address = address;
    this.#lines = lines;
    this.#request = [
      ...chip,
      ...(bias === undefined ? [] : ['--bias', settings.word('bias', ['pull-up', 'pull-down', 'disabled'])]),
      ...(settings.text('active-low') === undefined ? [] : ['--active-low']),
    ];
    this.#watch = [
      ...['--edges', settings.word('edges', ['both', 'rising', 'falling'])],
      ...(debounce === undefined ? [] : ['--debounce-period', `${debounce}ms`]),
      ...['--unquoted', '--format', FORMAT],
    ];
  }

  async *samples(signal: AbortSignal): AsyncGenerator<SampleBlock> {
    const levels = await this.#levels(signal);
    const words = [...this.#request, ...this.#watch, ...this.#lines];
    const child = { program: 'gpiomon', packaged: 'gpiod', words, group: 'gpio' };
    const lines = new LineSplitter();
    // The kernel's clock of edges is that of the process.
    const origin = Date.now() - Number(process.hrtime.bigint()) / 1e6;
    for await (const bytes of outputOf(this.#address, child, signal)) {
      const edges = lines.take(bytes).flatMap((line) => this.#edgeIn(line) ?? []);
      if (edges.length === 0) continue;
      const values = new Float64Array(edges.length * levels.length);
      for (const [k, { line, level }] of edges.entries()) {
        levels[line] = level;
        values.set(levels, k * levels.length);
      }
      const times = Float64Array.from(edges, ({ time }) => time);
      yield { origin, times, values, changed: Int32Array.from(edges, ({ line }) => line) };
    }
  }

  /** The levels before the first edge. */
  async #levels(signal: AbortSignal): Promise<Float64Array> {
    const words = [...this.#request, '--numeric', ...this.#lines];
    const program = { program: 'gpioget', packaged: 'gpiod', words, group: 'gpio' };
    let said = '';
    for await (const bytes of outputOf(this.#address, { ...program, ends: true }, signal)) said += bytes;
    const levels = Float64Array.from(said.trim().split(/\s+/), Number);
    if (levels.length === this.#lines.length && levels.every((level) => level === 0 || level === 1)) return levels;
    throw new SpikewireError(
      'input',
      this.#address,
      `gpioget says ${JSON.stringify(said.trim())}`,
      '0 or 1 for each line',
    );
  }

  #edgeIn(text: string): { line: number; level: number; time: number } | undefined {
    const [, edge, offset, seconds, name] = /^([12]) (\d+) (\d+\.\d+)(?: (.*))?$/.exec(text) ?? [];
    if (edge === undefined) return undefined;
    const byName = this.#lines.indexOf(name ?? '');
    const line = byName >= 0 ? byName : this.#lines.indexOf(offset!);
    return line < 0 ? undefined : { line, level: edge === '1' ? 1 : 0, time: Number(seconds) };
  }
}
