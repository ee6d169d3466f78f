import { type Connectivity, type LearnedState, learnedWeight, SpikewireError } from '@spikewire/models';
import { type Chip, SIZE, synapseByte } from './chips.ts';
import type { CellFit } from './quantise.ts';

/** A neuron of the model, in the column of its number. */
export interface Cell extends CellFit {
  readonly node: number;
  readonly index: number;
  /** What arrives is multiplied by it in the model. */
  readonly gain: number;
}

/** A row that a spike passes, so many steps late. */
export interface Row {
  readonly row: number;
  readonly delay: number;
  /** Synapses that it has in the model. */
  readonly synapses: number;
}

/** One connection between a source and a population. */
export interface Path {
  readonly name: string;
  readonly connectivity: Connectivity;
  readonly source: number;
  readonly target: number;
  readonly delay: number;
}

/** All that leaves one element, equally late: real weights by column, undefined where there is no synapse. */
export interface Source {
  readonly node: number;
  readonly element: number;
  readonly delay: number;
  readonly weights: (number | undefined)[];
}

/** Where the weights of each source lie. */
export interface Placed {
  readonly rows: ReadonlyMap<number, readonly (readonly Row[])[]>;
  readonly inhibitory: Uint8Array;
  readonly count: number;
  fill(synapses: Uint8Array): void;
  /** Rows of a source in the order [excites, inhibits]; where each synapse has a sign, one. */
  of(node: number, element: number, delay: number): readonly (number | undefined)[];
}

export function placeRows(chip: Chip, sources: readonly Source[], cells: readonly Cell[], learns: boolean): Placed {
  const rows = new Map<number, Row[][]>();
  const places = new Map<string, (number | undefined)[]>();
  const inhibitory = new Uint8Array(SIZE);
  let count = 0;
  const whole = ({ weights }: Source) => weights.map((weight, column) => cells[column]!.round(weight ?? 0));
  for (const source of sources) {
    const { node, element, delay, weights } = source;
    const values = whole(source);
    const synapses = weights.filter((weight) => weight !== undefined).length;
    const needed = rowsNeeded(chip, values, learns && synapses > 0);
    const taken = needed.map((isNeeded) => (isNeeded ? count++ : undefined));
    if (taken[1] !== undefined && taken[1] < SIZE) inhibitory[taken[1]] = 1;
    places.set(`${node} ${element} ${delay}`, taken);
    const ofNode = rows.get(node) ?? [];
    rows.set(node, ofNode);
    ofNode[element] ??= [];
    for (const row of taken) if (row !== undefined) ofNode[element].push({ row, delay, synapses });
  }
  if (count > chip.rows) {
    const problem = `needs ${count} rows of synapses; it has ${chip.rows}`;
    throw new SpikewireError('unsupported', 'model', problem, `a model for ${chip.title}`);
  }
  const of: Placed['of'] = (node, element, delay) => places.get(`${node} ${element} ${delay}`)!;
  const fill = (synapses: Uint8Array) => {
    for (const source of sources) {
      const taken = of(source.node, source.element, source.delay);
      for (const [column, value] of whole(source).entries())
        if (source.weights[column] !== undefined) putWeight(chip, synapses, taken, column, value, learns);
    }
  };
  return { rows, inhibitory, count, fill, of };
}

function rowsNeeded(chip: Chip, values: readonly number[], learns: boolean): boolean[] {
  if (chip.hasSignedWeights) return [values.some((value) => value !== 0)];
  return [learns || values.some((value) => value > 0), values.some((value) => value < 0)];
}

/** Where the chip learns, it does in the rows that excite, and only there do weights stay what their sign is. */
function putWeight(
  chip: Chip,
  synapses: Uint8Array,
  [first, second]: readonly (number | undefined)[],
  column: number,
  value: number,
  learns: boolean,
): void {
  if (chip.hasSignedWeights) {
    if (first !== undefined) putNibble(synapses, first, column, chip.synapse(value, false));
    return;
  }
  if (first !== undefined) putNibble(synapses, first, column, chip.synapse(Math.max(0, value), learns && value >= 0));
  if (second !== undefined) putNibble(synapses, second, column, chip.synapse(Math.max(0, -value), false));
}

function putNibble(synapses: Uint8Array, row: number, column: number, nibble: number): void {
  const [at, shift] = [synapseByte(row, column), 4 * (column & 1)];
  synapses[at] = (synapses[at]! & ~(0xf << shift)) | (nibble << shift);
}

/** What the chip has learned, as bytes of its synapses hold it. */
export interface LearnedSynapses {
  /** The connections that learn, with the weights of these bytes. */
  learned(synapses: Uint8Array): LearnedState;
  /** Puts weights into bytes of synapses. Throws `store` where they are of other connections. */
  takeOver(learned: LearnedState, synapses: Uint8Array): void;
}

export function learnedSynapses(
  chip: Chip,
  placed: Placed,
  cells: readonly Cell[],
  columns: ReadonlyMap<number, number>,
  paths: readonly Path[],
): LearnedSynapses {
  const forEach = (
    { connectivity, source, target, delay }: Path,
    visit: (weight: number, taken: readonly (number | undefined)[], column: number) => void,
  ) => {
    for (let element = 0; element < connectivity.inputs; element++) {
      const taken = placed.of(source, element, delay);
      connectivity.forEachSynapse(element, (output, weight) => visit(weight, taken, columns.get(target)! + output));
    }
  };
  const valueAt = (synapses: Uint8Array, taken: readonly (number | undefined)[], column: number) => {
    const [up = 0, down = 0] = taken.map((row) => {
      return row === undefined ? 0 : chip.weightOf(synapses[synapseByte(row, column)]! >> (4 * (column & 1)));
    });
    return up - down;
  };
  /** What a weight of the graph adds to the membrane. */
  const gain = (path: Path, column: number) => cells[column]!.gain * path.connectivity.gain;
  return {
    learned: (synapses) =>
      new Map(
        paths.map((path) => {
          const weights = new Float64Array(path.connectivity.weights!.length);
          forEach(path, (k, taken, column) => {
            weights[k] = (valueAt(synapses, taken, column) * cells[column]!.unit) / gain(path, column);
          });
          return [path.name, { weights }];
        }),
      ),
    takeOver: (learned, synapses) => {
      for (const name of learned.keys()) {
        const path = paths.find((each) => each.name === name);
        if (path === undefined || learned.get(name)!.weights.length !== path.connectivity.weights!.length)
          throw new SpikewireError('store', `what "${name}" has learned`, 'finds no connection that learns so', 'none');
      }
      for (const path of paths) {
        const state = learned.get(path.name);
        if (state === undefined) continue;
        forEach(path, (k, taken, column) => {
          const value = cells[column]!.round(learnedWeight(state, k) * gain(path, column));
          putWeight(chip, synapses, taken, column, value, true);
        });
      }
    },
  };
}
