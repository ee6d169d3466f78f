import { multiply, scale } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

const sumOfAllSquares: Operation<undefined> = {
  name: 'sum of squares',
  shapes: () => [[]],
  gradient: ({ inputs: [x] }, [g]) => [multiply(scale(x!, 2), g!)],
  lower: (onnx, inputs) => [onnx.emit('ReduceSumSquare', inputs, { keepdims: 0 })],
  evaluate: ([x]) => [Float64Array.of(x!.reduce((sum, value) => sum + value * value, 0))],
};

/** Σx², a scalar. */
export function sumOfSquares(x: Value): Value {
  return applyOne(sumOfAllSquares, [x], undefined);
}
