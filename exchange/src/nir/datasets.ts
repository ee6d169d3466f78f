import {
  describeValue,
  elementCount,
  formatShape,
  type ParameterValue,
  SpikewireError,
  scalar,
  type Tensor,
  tensor,
} from '@spikewire/models';
import type { Hdf5Dataset, Hdf5Group, Hdf5Node } from '../hdf5/index.ts';
import type { ReadingMemory } from '../reading-memory.ts';
import type { NirDataset } from './primitives.ts';

/** A group among the parts of a node or of a file, or a `file` error. */
export function groupIn({ children }: Hdf5Group, name: string, where: string): Hdf5Group {
  const child = children.get(name);
  if (child?.kind === 'group') return child;
  throw new SpikewireError('file', `${where}.${name}`, wrong(child), 'a group');
}

function wrong(child: Hdf5Node | undefined): string {
  return child === undefined ? 'is missing' : child.kind === 'other' ? `is ${child.what}` : `is a ${child.kind}`;
}

function datasetIn({ children }: Hdf5Group, name: string, where: string): Hdf5Dataset {
  const child = children.get(name);
  if (child?.kind === 'dataset') return child;
  throw new SpikewireError('file', `${where}.${name}`, wrong(child), 'a dataset');
}

/** The one text of a dataset. */
export function textIn(group: Hdf5Group, name: string, where: string): string {
  const dataset = datasetIn(group, name, where);
  const text = dataset.type.class === 'string' && elementCount(dataset.shape) === 1 ? dataset.values[0] : undefined;
  if (typeof text === 'string') return text;
  throw new SpikewireError('file', `${where}.${name}`, `is ${typeName(dataset)}`, 'one text');
}

function typeName({ type, shape }: Hdf5Dataset): string {
  const name = type.class === 'other' ? type.name : type.class === 'string' ? 'text' : type.class;
  return `${name} of shape ${formatShape(shape)}`;
}

/** Pairs of names; whatever array without elements is no pair. */
export function edgesIn(group: Hdf5Group, where: string): [string, string][] {
  const dataset = datasetIn(group, 'edges', where);
  const { shape, type } = dataset;
  if (elementCount(shape) === 0) return [];
  if (type.class !== 'string' || shape.length !== 2 || shape[1] !== 2) {
    throw new SpikewireError('file', `${where}.edges`, `is ${typeName(dataset)}`, 'texts of shape [edges, 2]');
  }
  const names = dataset.values as readonly string[];
  return Array.from({ length: shape[0]! }, (_, edge) => [names[2 * edge]!, names[2 * edge + 1]!]);
}

/** A parameter of a node, in the form that its primitive has it. */
export function parameterIn(
  group: Hdf5Group,
  name: string,
  { form }: Pick<NirDataset, 'form'>,
  where: string,
  memory: ReadingMemory,
): ParameterValue {
  const place = `${where}.${name}`;
  const dataset = datasetIn(group, name, where);
  if (form === 'padding' && dataset.type.class === 'string') return textIn(group, name, where);
  const { shape, type } = dataset;
  if (type.class !== 'float' && type.class !== 'integer') {
    throw new SpikewireError('file', place, `is ${typeName(dataset)}`, 'numbers');
  }
  const numbers = dataset.values as Exclude<Hdf5Dataset['values'], readonly string[]>;
  memory.take(place, 8 * numbers.length);
  if (form === 'elements' || form === 'reals') {
    const isSingle = type.class === 'float' && type.bytes < 8;
    return tensor(isSingle ? Float32Array.from(numbers) : Float64Array.from(numbers), shape);
  }
  return wholeNumbers(numbers, shape, form, place);
}

function wholeNumbers(numbers: ArrayLike<number>, shape: readonly number[], form: string, place: string): Tensor {
  const odd = Array.from(numbers).find((number) => !Number.isSafeInteger(number));
  if (odd !== undefined) throw new SpikewireError('parameter', place, `is ${describeValue(odd)}`, 'whole numbers');
  if (form === 'integer') {
    if (numbers.length === 1) return scalar(numbers[0]!);
    throw new SpikewireError('parameter', place, `has ${numbers.length} numbers`, 'one');
  }
  if (shape.length <= 1) return tensor(Float64Array.from(numbers), shape);
  throw new SpikewireError('parameter', place, `has shape ${formatShape(shape)}`, 'numbers in a row');
}
