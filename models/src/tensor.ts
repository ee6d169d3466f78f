import { SpikewireError } from './error.ts';

/** Sizes of the dimensions, outermost first; elements are stored in row-major order. `[]` is a scalar. */
export type Shape = readonly number[];

/** The number formats a tensor may have in memory and in a file. */
export type TensorData =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** The number arrays that state may live in: float64 in the reference, float32 in the clocked engine. */
export type StateArray = Float64Array | Float32Array;

/** A dense array with a shape. Immutable by convention: a model never changes; what changes is state. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: TensorData;
}

/** The number of elements of a shape. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** A tensor over existing data; throws `parameter` when data and shape disagree. */
export function tensor(data: TensorData, shape: Shape = [data.length]): Tensor {
  if (data.length !== elementCount(shape)) {
    throw new SpikewireError(
      'parameter',
      'tensor',
      `has ${data.length} elements`,
      `${elementCount(shape)} for ${formatShape(shape)}`,
    );
  }
  return { shape, data };
}

/** A scalar tensor (shape `[]`), which stands for a full array wherever one is asked for. */
export function scalar(value: number): Tensor {
  return { shape: [], data: Float64Array.of(value) };
}

/** One value for each of `size` elements: a scalar or one-element tensor is repeated, a full one is copied. */
export function broadcast(source: Tensor, size: number): Float64Array {
  if (source.data.length === 1) return new Float64Array(size).fill(source.data[0]!);
  if (source.data.length !== size) {
    throw new SpikewireError('parameter', 'tensor', `has ${source.data.length} values`, `1 or ${size}`);
  }
  return Float64Array.from(source.data);
}
