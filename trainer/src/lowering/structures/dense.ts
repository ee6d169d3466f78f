import type { DenseConnectivity } from '@spikewire/models';
import { affine } from '../../graph/operations/linear.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import { full } from './full.ts';
import type { LowerStructure } from './structure.ts';

/** One product over all rows. */
export const dense: LowerStructure<DenseConnectivity> = ({ connectivity, shape, parameter }) => {
  const { inputs, outputs } = connectivity;
  const weight = reshape(parameter('weight')!, [outputs, inputs]);
  const bias = parameter('bias');
  const offsets = bias && full(bias, [outputs]);
  return {
    apply(rows) {
      const count = rows.shape[0]!;
      return reshape(affine(reshape(rows, [count, inputs]), weight, offsets), [count, ...shape]);
    },
  };
};
