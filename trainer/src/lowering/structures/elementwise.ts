import type { ElementwiseConnectivity } from '@spikewire/models';
import { multiply } from '../../graph/operations/elementwise.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import { full } from './full.ts';
import type { LowerStructure } from './structure.ts';

/** One factor per element, or only another shape. */
export const elementwise: LowerStructure<ElementwiseConnectivity> = ({
  connectivity,
  inputShape,
  shape,
  parameter,
}) => {
  const factors = connectivity.weights === undefined ? undefined : full(parameter('scale')!, inputShape);
  return {
    apply: (rows) => reshape(factors === undefined ? rows : multiply(rows, factors), [rows.shape[0]!, ...shape]),
  };
};
