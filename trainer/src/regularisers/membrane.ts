import { elementCount } from '@spikewire/models';
import { add, multiply, scale } from '../graph/operations/elementwise.ts';
import { rectifier } from '../graph/operations/functions.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import type { Value } from '../graph/operations/value.ts';
import { kind } from '../kinds/kind.ts';
import type { Regulariser } from './regulariser.ts';

/** strength·mean of max(0, |v| − most)² over samples, steps and neurons, summed over the populations. */
export const membrane = kind({
  name: 'membrane',
  summary: 'keeps membranes within reach of their threshold, so that 16 bits hold them',
  parameters: {
    strength: { doc: 'weight beside the loss', form: 'number', default: 1, minimum: 0 },
    most: { doc: 'size of a membrane that costs nothing', form: 'number', default: 8, above: 0 },
  },
  prepare:
    ({ strength, most }): Regulariser =>
    ({ populations }) => {
      const beyond = (v: Value, side: number) => {
        const above = rectifier(scale(v, side, -most));
        return multiply(above, above);
      };
      const penalties = [...populations.values()].map(({ membranes }) => {
        const squares = sumOf(membranes.flatMap((v) => [beyond(v, 1), beyond(v, -1)]));
        return scale(sumTo(squares, []), strength / (membranes.length * elementCount(squares.shape)));
      });
      return penalties.reduce(add);
    },
});
