import { broadcast, numbersOf } from '@spikewire/models';
import { subtract } from '../../graph/operations/elementwise.ts';
import { rectifier } from '../../graph/operations/functions.ts';
import type { Value } from '../../graph/operations/value.ts';
import { coefficientOf, plus } from './coefficient.ts';
import type { Population, PopulationSite } from './population.ts';

/** Units of an analogue net: max(0, x), or max(0, x) − max(0, x − ceiling), without memory. */
export function rectifierPopulation({ node, size }: PopulationSite): Population {
  const ceiling = numbersOf(node.node, 'ceiling');
  const below =
    ceiling &&
    coefficientOf(
      broadcast(ceiling, size).map((value) => -value),
      node.shape,
    );
  const membranes: Value[] = [];
  return {
    membranes,
    step([arriving]) {
      membranes.push(arriving!);
      const rectified = rectifier(arriving!);
      return below === undefined ? rectified : subtract(rectified, rectifier(plus(arriving!, below)));
    },
  };
}
