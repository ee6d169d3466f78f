import type { SelectionConnectivity, Shape } from '@spikewire/models';
import { add, divide, filled, greater, multiply, scale } from '../graph/operations/elementwise.ts';
import { rectifier } from '../graph/operations/functions.ts';
import { maxPool } from '../graph/operations/max-pooling.ts';
import { reshape } from '../graph/operations/reshape.ts';
import type { Value } from '../graph/operations/value.ts';
import type { Population } from './neurons/population.ts';

/**
 * Max pooling over time: of each window the element passes that has the largest key. Nothing is learned through the
 * choice: the gradient goes to the element that passed.
 */
export function selection({ geometry, winner }: SelectionConnectivity, shape: Shape): Population {
  const nextKeys = winner === 'count' ? counts : ages;
  let keys: Value | undefined;
  return {
    membranes: [],
    step([arriving]) {
      const rows = arriving!.shape[0]!;
      const images = reshape(arriving!, [rows, geometry.inputChannels, ...geometry.inputSize]);
      keys = nextKeys(images, keys);
      const passing = winner === 'count' ? images : multiply(images, greater(keys, filled([], 0)));
      return reshape(maxPool(passing, keys, geometry), [rows, ...shape]);
    },
  };
}

/** What has arrived so far. */
function counts(arriving: Value, before: Value | undefined): Value {
  return before === undefined ? arriving : add(before, arriving);
}

/**
 * The steps since the first arrival above 0, plus a number in 0 … 1 that grows with what then arrived, so that in one
 * step the larger wins; 0 before.
 */
function ages(arriving: Value, before: Value | undefined): Value {
  const entering = rectifier(arriving);
  const first = divide(entering, scale(entering, 1, 1));
  if (before === undefined) return first;
  const decided = greater(before, filled([], 0));
  return add(add(before, decided), multiply(first, scale(decided, -1, 1)));
}
