import type { AllButOneConnectivity } from '@spikewire/models';
import { multiply, subtract } from '../../graph/operations/elementwise.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import { expandRows, rowSums } from '../../graph/operations/sums.ts';
import { full } from './full.ts';
import type { LowerStructure } from './structure.ts';

/** The sum over all inputs, less the own one, times the weight of the output. */
export const allButOne: LowerStructure<AllButOneConnectivity> = ({ connectivity, shape, parameter }) => {
  const weight = full(parameter('weight')!, [connectivity.outputs]);
  return {
    apply(rows) {
      const count = rows.shape[0]!;
      const own = reshape(rows, [count, connectivity.inputs]);
      const others = subtract(expandRows(rowSums(own), own.shape), own);
      return reshape(multiply(others, weight), [count, ...shape]);
    },
  };
};
