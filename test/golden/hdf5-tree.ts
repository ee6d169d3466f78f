import type { Hdf5Dataset, Hdf5Node } from '@spikewire/exchange/hdf5';

/** A dataset as tests write it: texts, rows of texts, numbers as float64, or whole numbers. */
export type Plain = string | readonly string[] | number | readonly number[] | Stored | PlainGroup;
export interface PlainGroup {
  [name: string]: Plain;
}
/** An array in a shape of its own. */
export class Stored {
  readonly shape: readonly number[];
  readonly values: readonly number[] | readonly string[];
  readonly isWhole: boolean;
  constructor(shape: readonly number[], values: readonly number[] | readonly string[], isWhole = false) {
    this.shape = shape;
    this.values = values;
    this.isWhole = isWhole;
  }
}

export const whole = (...values: number[]) => new Stored([values.length], values, true);
export const integer = (value: number) => new Stored([], [value], true);
export const filled = (value: number, ...shape: number[]) =>
  new Stored(shape, new Array<number>(shape.reduce((product, size) => product * size, 1)).fill(value));
export function encoded(value: Plain): Hdf5Node {
  if (typeof value === 'string') return texts([], [value]);
  if (typeof value === 'number') return numbers([], [value], false);
  if (value instanceof Stored) {
    const isText = typeof value.values[0] === 'string';
    if (isText) return texts(value.shape, value.values as readonly string[]);
    return numbers(value.shape, value.values as readonly number[], value.isWhole);
  }
  if (Array.isArray(value)) {
    return typeof value[0] === 'string' ? texts([value.length], value) : numbers([value.length], value, false);
  }
  const children = Object.entries(value).map(([name, child]): [string, Hdf5Node] => [name, encoded(child)]);
  return { kind: 'group', attributes: new Map(), children: new Map(children) };
}

export function texts(shape: readonly number[], values: readonly string[]): Hdf5Dataset {
  const type = { class: 'string', characters: 'utf-8', length: 'variable', padding: 'null-terminated' } as const;
  return { kind: 'dataset', attributes: new Map(), shape, values, type };
}

function numbers(shape: readonly number[], values: readonly number[], isWhole: boolean): Hdf5Dataset {
  const type = isWhole
    ? ({ class: 'integer', bytes: 8, signed: true, order: 'little' } as const)
    : ({ class: 'float', bytes: 8, order: 'little' } as const);
  return { kind: 'dataset', attributes: new Map(), shape, values: Float64Array.from(values), type };
}
