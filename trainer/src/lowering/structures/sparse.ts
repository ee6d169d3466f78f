import type { SparseConnectivity } from '@spikewire/models';
import { affine } from '../../graph/operations/linear.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import { scatter } from '../../graph/operations/scatter.ts';
import { full } from './full.ts';
import type { LowerStructure } from './structure.ts';

/** The synapses at their entries of a dense matrix, whose other entries stay 0: one product is faster than any list. */
export const sparse: LowerStructure<SparseConnectivity> = ({ connectivity, shape, parameter }) => {
  const { inputs, outputs, offsets, targets } = connectivity;
  const indices = new Int32Array(targets.length);
  for (let input = 0; input < inputs; input++) {
    for (let k = offsets[input]!; k < offsets[input + 1]!; k++) indices[k] = targets[k]! * inputs + input;
  }
  const weight = scatter(full(parameter('weight')!, [targets.length]), indices, [outputs, inputs]);
  return {
    apply(rows) {
      const count = rows.shape[0]!;
      return reshape(affine(reshape(rows, [count, inputs]), weight), [count, ...shape]);
    },
  };
};
