import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

const maximising: Operation<undefined> = {
  name: 'largest',
  shapes: () => [[]],
  lower: (onnx, [x]) => [onnx.emit('ReduceMax', [x!], { keepdims: 0 })],
  evaluate: ([x]) => [Float64Array.of(x!.reduce((a, b) => Math.max(a, b)))],
};

/** The largest of all numbers, a scalar; no gradient flows through. */
export function largestOf(x: Value): Value {
  return applyOne(maximising, [x], undefined);
}
