import { elementCount, type Shape } from '@spikewire/models';
import { add, filled } from '../../graph/operations/elementwise.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import type { Value } from '../../graph/operations/value.ts';

/** A parameter with a number for every element of `shape`; one that stands for all is repeated. */
export function full(parameter: Value, shape: Shape): Value {
  const whole = elementCount(parameter.shape) === elementCount(shape);
  return whole ? reshape(parameter, shape) : add(filled(shape, 0), reshape(parameter, []));
}
