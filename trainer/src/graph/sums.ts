import { elementCount, type Shape } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

/** Places of a shape [rows, channels, …] that one channel has in a row. */
function placesPerChannel(shape: Shape): number {
  return elementCount(shape.slice(2));
}

const sumsPerChannel: Operation<undefined> = {
  name: 'channel sums',
  shapes: ([shape]) => [[shape![1]!]],
  lower(onnx, [x], { inputs }) {
    const axes = inputs[0]!.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return [onnx.emit('ReduceSum', [x!, onnx.integers(axes)], { keepdims: 0 })];
  },
  evaluate([x], { inputs }) {
    const { shape } = inputs[0]!;
    const places = placesPerChannel(shape);
    const sums = new Float64Array(shape[1]!);
    for (let i = 0; i < x!.length; i++) sums[Math.floor(i / places) % sums.length]! += x![i]!;
    return [sums];
  },
};

const sumOfAllSquares: Operation<undefined> = {
  name: 'sum of squares',
  shapes: () => [[]],
  lower: (onnx, inputs) => [onnx.emit('ReduceSumSquare', inputs, { keepdims: 0 })],
  evaluate: ([x]) => [Float64Array.of(x!.reduce((sum, value) => sum + value * value, 0))],
};

/** Σ over all but the second dimension of [rows, channels, …]: what a bias gets. */
export function channelSums(x: Value): Value {
  return applyOne(sumsPerChannel, [x], undefined);
}

/** Σx², a scalar. */
export function sumOfSquares(x: Value): Value {
  return applyOne(sumOfAllSquares, [x], undefined);
}
