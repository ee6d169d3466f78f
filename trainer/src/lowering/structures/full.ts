import { elementCount, type Shape } from '@spikewire/models';
import { add, filled } from '../../graph/operations/elementwise.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import type { Value } from '../../graph/operations/value.ts';

/** A parameter with a number for every element of `shape`; fewer are repeated, in order, until there are as many. */
export function full(parameter: Value, shape: Shape): Value {
  const [own, all] = [elementCount(parameter.shape), elementCount(shape)];
  if (own === all) return reshape(parameter, shape);
  return reshape(add(filled([all / own, own], 0), reshape(parameter, [own])), shape);
}
