import { describeValue, elementCount, formatShape, SpikewireError, type Tensor, tensor } from '@spikewire/models';
import type { Hdf5Group } from '../hdf5/index.ts';
import { parameterIn } from '../nir/datasets.ts';
import type { ReadingMemory } from '../reading-memory.ts';

/** States count in 2⁻⁶ of the mantissas of weights, thresholds and biases. */
export const SCALE = 64;
/** Of 8 bits and a sign, of which a mixed-sign synapse leaves out the odd ones. */
const [LEAST_WEIGHT, LARGEST_WEIGHT] = [-256, 255];

/** Bounds of whole numbers. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

export function numbersIn(group: Hdf5Group, name: string, where: string, memory: ReadingMemory): Tensor {
  return parameterIn(group, name, { form: 'reals' }, where, memory) as Tensor;
}

/** Whole numbers in a row, or one. Throws `parameter` for others. */
export function wholeIn(
  group: Hdf5Group,
  name: string,
  where: string,
  { minimum, maximum }: Bounds,
  memory: ReadingMemory,
): Float64Array {
  const { data, shape } = numbersIn(group, name, where, memory);
  const place = `${where}.${name}`;
  if (shape.length > 1 || data.length === 0) {
    throw new SpikewireError('parameter', place, `has shape ${formatShape(shape)}`, 'one number, or numbers in a row');
  }
  return Float64Array.from(data, (number) => {
    if (Number.isInteger(number) && number >= minimum && number <= maximum) return number;
    const expected = `a whole number from ${minimum} to ${maximum}`;
    throw new SpikewireError('parameter', place, `is ${describeValue(number)}`, expected);
  });
}

/** The same, of which there must be one for each axis, or one for both. */
export function axesIn(group: Hdf5Group, name: string, where: string, bounds: Bounds, memory: ReadingMemory): Tensor {
  const numbers = wholeIn(group, name, where, bounds, memory);
  if (numbers.length > 2) {
    throw new SpikewireError('parameter', `${where}.${name}`, `has ${numbers.length} numbers`, 'two, or one for both');
  }
  return tensor(Float64Array.of(numbers[0]!, numbers.at(-1)!), [2]);
}

/** Weights as they add to the current. Throws `parameter` for what no synapse of Loihi holds. */
export function weightsIn(group: Hdf5Group, where: string, memory: ReadingMemory): Tensor {
  if (group.children.get('weight')?.kind === 'group') {
    throw new SpikewireError('unsupported', `${where}.weight`, 'has real and imaginary parts', 'real weights');
  }
  const { data, shape } = numbersIn(group, 'weight', where, memory);
  memory.take(`${where}.weight`, Float32Array.BYTES_PER_ELEMENT * data.length);
  const scaled = Float32Array.from(data, (weight, k) => {
    if (Number.isInteger(weight) && weight >= LEAST_WEIGHT && weight <= LARGEST_WEIGHT) return SCALE * weight;
    const expected = `whole numbers from ${LEAST_WEIGHT} to ${LARGEST_WEIGHT}`;
    throw new SpikewireError('parameter', `${where}.weight[${k}]`, `is ${describeValue(weight)}`, expected);
  });
  return tensor(scaled, shape);
}

/** One number for all neurons, or that of each channel at all its neurons. */
export function spread(
  numbers: Float64Array,
  shape: readonly number[],
  place: string,
  memory: ReadingMemory,
  scale = 1,
): Tensor {
  if (numbers.length === 1) return tensor(Float64Array.of(scale * numbers[0]!), []);
  if (numbers.length !== shape[0]) {
    throw new SpikewireError('parameter', place, `has ${numbers.length} numbers`, `one, or ${shape[0]}, one a channel`);
  }
  const size = elementCount(shape);
  memory.take(place, Float64Array.BYTES_PER_ELEMENT * size);
  const pixels = size / numbers.length;
  return tensor(
    Float64Array.from({ length: size }, (_, n) => scale * numbers[Math.floor(n / pixels)]!),
    shape,
  );
}
