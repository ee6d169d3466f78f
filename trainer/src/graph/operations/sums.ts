import { elementCount, type Shape, sameShape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

/** Pixels of a shape [rows, channels, …] that one channel has in a row. */
function pixelsPerChannel(shape: Shape): number {
  return elementCount(shape.slice(2));
}

const sumsPerChannel: Operation<undefined> = {
  name: 'channel sums',
  shapes: ([shape]) => [[shape![1]!]],
  gradient: ({ inputs: [x] }, [g]) => [applyOne(channelExpansion, [g!], { shape: x!.shape })],
  lower(onnx, [x], { inputs }) {
    const axes = inputs[0]!.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return [onnx.emit('ReduceSum', [x!, onnx.integers(axes)], { keepdims: 0 })];
  },
  evaluate([x], { inputs }) {
    const { shape } = inputs[0]!;
    const pixels = pixelsPerChannel(shape);
    const sums = new Float64Array(shape[1]!);
    for (let i = 0; i < x!.length; i++) sums[Math.floor(i / pixels) % sums.length]! += x![i]!;
    return [sums];
  },
};

/** The gradient of channel sums: one number per channel, at every position of its channel. */
const channelExpansion: Operation<{ readonly shape: Shape }> = {
  name: 'expand channels',
  shapes: (_, { shape }) => [shape],
  lower(onnx, [x], { attributes: { shape } }) {
    const column = onnx.emit('Reshape', [
      x!,
      onnx.integers(shape.slice(1).map((size, axis) => (axis === 0 ? size : 1))),
    ]);
    return [onnx.emit('Expand', [column, onnx.integers(shape)])];
  },
  evaluate([x], { attributes: { shape } }) {
    const pixels = pixelsPerChannel(shape);
    return [Float64Array.from({ length: elementCount(shape) }, (_, i) => x![Math.floor(i / pixels) % x!.length]!)];
  },
};

const leadingSum: Operation<{ readonly shape: Shape }> = {
  name: 'sum over leading dimensions',
  shapes: (_, { shape }) => [shape],
  gradient: ({ inputs: [x] }, [g]) => [applyOne(expansion, [g!], { shape: x!.shape })],
  lower(onnx, [x], { inputs, attributes: { shape } }) {
    const axes = Array.from({ length: inputs[0]!.shape.length - shape.length }, (_, axis) => axis);
    return [onnx.emit('ReduceSum', [x!, onnx.integers(axes)], { keepdims: 0 })];
  },
  evaluate([x], { attributes: { shape } }) {
    const sums = new Float64Array(elementCount(shape));
    for (let i = 0; i < x!.length; i++) sums[i % sums.length]! += x![i]!;
    return [sums];
  },
};

/** The gradient of the sum over leading dimensions: the same numbers in every row. */
const expansion: Operation<{ readonly shape: Shape }> = {
  name: 'expand',
  shapes: (_, { shape }) => [shape],
  lower: (onnx, [x], { attributes: { shape } }) => [onnx.emit('Expand', [x!, onnx.integers(shape)])],
  evaluate: ([x], { attributes: { shape } }) => [
    Float64Array.from({ length: elementCount(shape) }, (_, i) => x![i % x!.length]!),
  ],
};

const trailingSum: Operation<undefined> = {
  name: 'sum of each row',
  shapes: ([shape]) => [[shape![0]!]],
  gradient: ({ inputs: [x] }, [g]) => [applyOne(rowExpansion, [g!], { shape: x!.shape })],
  lower(onnx, [x], { inputs }) {
    const axes = inputs[0]!.shape.slice(1).map((_, axis) => axis + 1);
    return [onnx.emit('ReduceSum', [x!, onnx.integers(axes)], { keepdims: 0 })];
  },
  evaluate([x], { results }) {
    const sums = new Float64Array(results[0]!.shape[0]!);
    const columns = x!.length / sums.length;
    for (let i = 0; i < x!.length; i++) sums[Math.floor(i / columns)]! += x![i]!;
    return [sums];
  },
};

/** One number per row, at every element of its row. */
const rowExpansion: Operation<{ readonly shape: Shape }> = {
  name: 'expand rows',
  shapes: (_, { shape }) => [shape],
  gradient: (_, [g]) => [rowSums(g!)],
  lower(onnx, [x], { attributes: { shape } }) {
    const column = onnx.emit('Reshape', [x!, onnx.integers(shape.map((size, axis) => (axis === 0 ? size : 1)))]);
    return [onnx.emit('Expand', [column, onnx.integers(shape)])];
  },
  evaluate([x], { attributes: { shape } }) {
    const columns = elementCount(shape.slice(1));
    return [Float64Array.from({ length: elementCount(shape) }, (_, i) => x![Math.floor(i / columns)]!)];
  },
};

/** Σ over all but the second dimension of [rows, channels, …]: what a bias gets. */
export function channelSums(x: Value): Value {
  return applyOne(sumsPerChannel, [x], undefined);
}

/** Σ over the leading dimensions that `shape`, the last ones of x, does not have; [] sums up everything. */
export function sumTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : applyOne(leadingSum, [x], { shape });
}

/** Σ of each row: [rows, …] → [rows]. */
export function rowSums(x: Value): Value {
  return applyOne(trailingSum, [x], undefined);
}

/** A number per row at each element of its row: [rows] → `shape`. */
export function expandRows(x: Value, shape: Shape): Value {
  return applyOne(rowExpansion, [x], { shape });
}
