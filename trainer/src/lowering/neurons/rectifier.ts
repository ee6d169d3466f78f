import { rectifier } from '../../graph/functions.ts';
import type { Value } from '../../graph/value.ts';
import type { Population } from '../population.ts';

/** Units of an analogue net: max(0, x), without memory. */
export function rectifierPopulation(): Population {
  const membranes: Value[] = [];
  return {
    membranes,
    step([arriving]) {
      membranes.push(arriving!);
      return rectifier(arriving!);
    },
  };
}
