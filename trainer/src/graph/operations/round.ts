import { roundHalfEven } from '@spikewire/models';
import type { Operation } from './operation.ts';
import { applyOne, type Value } from './value.ts';

/** Whole numbers in ±limit; the gradient goes straight through (Bengio et al. 2013, section 4). */
const rounding: Operation<{ readonly limit: number }> = {
  name: 'round',
  shapes: ([shape]) => [shape!],
  gradient: (_, [g]) => [g],
  lower(onnx, [x], { attributes: { limit } }) {
    return [onnx.emit('Clip', [onnx.emit('Round', [x!]), onnx.scalar(-limit), onnx.scalar(limit)])];
  },
  evaluate: ([x], { attributes: { limit } }) => [
    x!.map((value) => Math.max(-limit, Math.min(limit, roundHalfEven(value)))),
  ],
};

/** The nearest whole number, ties to the even one, held within ±limit; learned through as if it were x. */
export function round(x: Value, limit: number): Value {
  return applyOne(rounding, [x], { limit });
}
