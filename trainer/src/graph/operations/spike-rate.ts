import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

/** Below this a current is none: a spike comes in no sample that is run. */
const LEAST = 1e-6;

const rating: Operation<undefined> = {
  name: 'spike rate',
  shapes: ([x]) => [x!],
  lower(onnx, [x]) {
    const above = onnx.emit('Max', [x!, onnx.scalar(LEAST)]);
    const rates = onnx.emit('Reciprocal', [onnx.emit('Ceil', [onnx.emit('Reciprocal', [above])])]);
    return [onnx.emit('Where', [onnx.emit('Greater', [x!, onnx.scalar(LEAST)]), rates, onnx.scalar(0)])];
  },
  evaluate: ([x]) => [x!.map((value) => (value > LEAST ? 1 / Math.ceil(1 / value) : 0))],
};

/**
 * Spikes per step of a neuron of threshold 1 without leak whose membrane begins anew at 0 with each spike, under a
 * constant current of x a step: 1/⌈1/x⌉, 0 for x ≤ 0. No gradient flows through.
 */
export function spikeRate(x: Value): Value {
  return applyOne(rating, [x], undefined);
}
