import { elementCount, type Shape } from '@spikewire/models';

export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** The same with 0 along axes of one element, which is that of every place of a larger shape. */
export function repeatingStrides(shape: Shape): number[] {
  return stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
}

/** A shape with ones in front, of as many axes as that over which ONNX repeats it; undefined where it does not fit. */
export function broadcastable(shape: Shape, over: Shape): Shape | undefined {
  if (shape.length > over.length) return undefined;
  const padded = [...new Array<number>(over.length - shape.length).fill(1), ...shape];
  return padded.every((size, axis) => size === 1 || size === over[axis]) ? padded : undefined;
}

/** Where element k of a shape, in row-major order, lies by these strides. */
export function placeOf(k: number, shape: Shape, strides: readonly number[]): number {
  let [rest, place] = [k, 0];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place += (rest % shape[axis]!) * strides[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return place;
}
