import type { CopyingConnectivity } from '@spikewire/models';
import { gatherColumns } from '../../graph/operations/copies.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import type { LowerStructure } from './structure.ts';

/** Each output is a column of its input, or 0. */
export const copying: LowerStructure<CopyingConnectivity> = ({ connectivity, shape }) => {
  const { inputs, outputs, forEachSynapse } = connectivity;
  const sources = new Int32Array(outputs).fill(-1);
  for (let input = 0; input < inputs; input++) {
    forEachSynapse(input, (output) => {
      sources[output] = input;
    });
  }
  return {
    apply(rows) {
      const count = rows.shape[0]!;
      return reshape(gatherColumns(reshape(rows, [count, inputs]), sources), [count, ...shape]);
    },
    stepwise: true,
  };
};
