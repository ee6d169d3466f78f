import { SpikewireError } from '@spikewire/models';

/** A population of the net that the tool chain has placed on a board. */
export interface BoardPopulation {
  readonly label: string;
  /** By neuron: the key that its spikes have. */
  readonly keys: readonly number[];
  /** The core that takes spikes for it, where it does. */
  readonly core?: { readonly x: number; readonly y: number; readonly cpu: number } | undefined;
  /** The IP tag by which its spikes leave the board, where they do. */
  readonly tag?: number | undefined;
}

/** What a driver has to know of a net on a board. */
export interface BoardNetwork {
  /** The address of the board, where that is said. */
  readonly board?: string | undefined;
  /** Seconds of the net in a step. */
  readonly timeStep: number;
  /** Seconds of the clock in a second of the net, ≥ 1. */
  readonly slowdown: number;
  readonly populations: readonly BoardPopulation[];
}

/** The populations that take spikes of this machine and send none: an injector. */
export const injectors = ({ populations }: BoardNetwork) =>
  populations.filter(({ core, tag }) => core !== undefined && tag === undefined);

/** The populations whose spikes leave the board. */
export const senders = ({ populations }: BoardNetwork) => populations.filter(({ tag }) => tag !== undefined);

const MOST_KEY = 2 ** 32 - 1;
/** Five times what the cores of the largest board compute. */
const MOST_NEURONS = 2 ** 20;
/** Cores of a chip are 0 to 17. */
const MOST_CORE = 17;

/**
 * A net from a description that people write: JSON, or CSV with a line for each neuron.
 *
 * ```json
 * [
 *   { "label": "inject", "x": 0, "y": 0, "core": 3, "keys": { "first": 458752, "count": 4 } },
 *   { "label": "out", "tag": 1, "keys": [65536, 65537, 65540] }
 * ]
 * ```
 *
 * ```csv
 * label,x,y,core,tag,atom,key
 * inject,0,0,3,,0,458752
 * out,,,,1,0,65536
 * ```
 *
 * `step` in seconds is that of the net. Throws `file` for anything else.
 */
export function readDescription(text: string, step = 1e-3): BoardNetwork {
  const populations = /^\s*\[/.test(text) ? fromJson(text) : fromCsv(text);
  const owner = new Map<number, string>();
  const labels = new Set<string>();
  for (const { label, keys } of populations) {
    if (labels.has(label)) throw wrong(label, 'exists twice', 'labels of their own');
    labels.add(label);
    for (const key of keys) {
      const other = owner.get(key);
      if (other !== undefined) throw wrong(label, `has the key ${key} of "${other}"`, 'keys of its own');
      owner.set(key, label);
    }
  }
  return { timeStep: step, slowdown: 1, populations };
}

function fromJson(text: string): BoardPopulation[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new SpikewireError('file', 'network', `is not JSON (${(cause as Error).message})`, 'a list of populations');
  }
  let neurons = 0;
  return (list as unknown[]).map((each, k) => {
    const { label, x, y, core, tag, keys, ...others } = (each ?? {}) as Record<string, unknown>;
    if (typeof label !== 'string' || label === '')
      throw new SpikewireError('file', `population ${k}`, 'has no label', 'a text');
    const [other] = Object.keys(others);
    if (other !== undefined) throw wrong(label, `has "${other}"`, 'label, x, y, core, tag, keys');
    const population = populationOf(label, { x, y, core, tag }, keysOf(label, keys));
    neurons += population.keys.length;
    if (neurons > MOST_NEURONS)
      throw wrong(label, `ends with neuron ${neurons} of the network`, `at most ${MOST_NEURONS}`);
    return population;
  });
}

function keysOf(label: string, keys: unknown): number[] {
  if (Array.isArray(keys)) return keys.map((key) => numberOf(label, 'key', key, MOST_KEY)!);
  const { first, count } = (keys ?? {}) as Record<string, unknown>;
  const [start, many] = [numberOf(label, 'first key', first, MOST_KEY), numberOf(label, 'count', count, MOST_NEURONS)];
  if (start === undefined || many === undefined)
    throw wrong(label, 'has no keys', 'a list of keys, or {"first": …, "count": …}');
  numberOf(label, 'last key', start + Math.max(0, many - 1), MOST_KEY);
  return Array.from({ length: many }, (_, k) => start + k);
}

const COLUMNS = ['label', 'x', 'y', 'core', 'tag', 'atom', 'key'] as const;

function fromCsv(text: string): BoardPopulation[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (head.trim() !== COLUMNS.join(','))
    throw new SpikewireError('file', 'network', `begins with "${head.slice(0, 60)}"`, `"${COLUMNS.join(',')}" or "["`);
  const populations = new Map<string, { readonly place: string; readonly keys: number[] }>();
  for (const [k, line] of lines.entries()) {
    const cells = line.split(',').map((cell) => cell.trim());
    const where = `line ${k + 2}`;
    if (cells.length !== COLUMNS.length)
      throw new SpikewireError('file', where, `has ${cells.length} cells`, `${COLUMNS.length}`);
    const [label, atom, key] = [cells[0]!, cells.at(-2)!, cells.at(-1)!];
    if (label === '') throw new SpikewireError('file', where, 'has no label', 'a text');
    const place = cells.slice(1, -2).join(',');
    const population = populations.get(label) ?? { place, keys: [] };
    if (population.place !== place)
      throw wrong(label, `has the place ${place} in ${where}`, `${population.place}, as before`);
    if (wholeOf(label, 'atom', atom, MOST_KEY) !== population.keys.length)
      throw wrong(label, `has atom ${atom} after ${population.keys.length} others`, 'all in order');
    population.keys.push(wholeOf(label, 'key', key, MOST_KEY));
    populations.set(label, population);
  }
  return Array.from(populations, ([label, { place, keys }]) => {
    const [x, y, core, tag] = place.split(',').map((cell) => (cell === '' ? undefined : numberIn(cell)));
    return populationOf(label, { x, y, core, tag }, keys);
  });
}

/** A cell that must have a number. */
function wholeOf(label: string, what: string, cell: string, most: number): number {
  return numberOf(label, what, numberIn(cell), most)!;
}

/** The number in a cell; other text is returned as it is, so that the error can name it. */
const numberIn = (cell: string) => (/^\d+$/.test(cell) ? Number(cell) : cell);

function populationOf(label: string, place: Record<string, unknown>, keys: readonly number[]): BoardPopulation {
  const [x, y, cpu] = [
    numberOf(label, 'x', place.x, 255),
    numberOf(label, 'y', place.y, 255),
    numberOf(label, 'core', place.core, MOST_CORE),
  ];
  if (cpu === 0) throw wrong(label, 'has core 0, the monitor of its chip', `1 to ${MOST_CORE}`);
  const tag = numberOf(label, 'tag', place.tag, 15);
  if (cpu === undefined && tag === undefined) throw wrong(label, 'has no core and no tag', 'one of them, or both');
  if (keys.length === 0) throw wrong(label, 'has no neurons', 'a key for each');
  const core = cpu === undefined ? undefined : { x: x ?? 0, y: y ?? 0, cpu };
  return { label, keys, core, tag };
}

function numberOf(label: string, what: string, value: unknown, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most) return Number(value);
  throw wrong(label, `has ${what} ${JSON.stringify(value).slice(0, 60)}`, `a whole number from 0 to ${most}`);
}

const wrong = (label: string, problem: string, expected: string) =>
  new SpikewireError('file', `population "${label}"`, problem, expected);
