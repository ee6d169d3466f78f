import { elementCount, type PoolingConnectivity } from '@spikewire/models';
import { scale } from '../../graph/operations/elementwise.ts';
import { averagePool } from '../../graph/operations/pooling.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import type { LowerStructure } from './structure.ts';

/** Window sums are means times the elements of a window; along one axis as along two, with a height of 1. */
export const pooling: LowerStructure<PoolingConnectivity> = ({ connectivity: { geometry, gain }, shape }) => ({
  apply(rows) {
    const images = reshape(rows, [rows.shape[0]!, geometry.inputChannels, ...geometry.inputSize]);
    const sums = scale(averagePool(images, geometry), gain === 1 ? elementCount(geometry.kernel) : 1);
    return reshape(sums, [rows.shape[0]!, ...shape]);
  },
  stepwise: true,
});
