import { elementCount, type PoolingConnectivity } from '@spikewire/models';
import { scale } from '../../graph/elementwise.ts';
import { averagePool } from '../../graph/pooling.ts';
import type { LowerStructure } from '../structure.ts';

/** Window sums are means times the elements of a window. */
export const pooling: LowerStructure<PoolingConnectivity> = ({ connectivity: { geometry, gain } }) => ({
  apply: (rows) => scale(averagePool(rows, geometry), gain === 1 ? elementCount(geometry.kernel) : 1),
  stepwise: true,
});
