import type { AllButOneConnectivity } from '@spikewire/models';
import type { Layout } from '../layout.ts';
import { type Packing, packInOrder, type WeightFormat } from '../packed-weights.ts';
import { sourceOperands, suffixOf, targetOperands } from '../sums.ts';
import type { Lowering } from './lowering.ts';
import { placeWeights } from './weights.ts';

/** Every event adds the weights of all outputs but its own. */
export const addOthers: Lowering<AllButOneConnectivity> = (draft, site) => {
  const { index, connectivity, arrival, sums } = site;
  const { isInteger, shift } = draft.placed.weightsOf(index);
  const weights = placeWeights(draft, site, packOutputs(sums.layout, isInteger ? 'int8' : 'float32'));
  draft.emit(`addOthers${suffixOf[sums.format]}`, {
    ...sourceOperands(arrival),
    ...targetOperands(sums),
    weights,
    shift,
    synapses: connectivity.outputs - 1,
  });
};

/** One weight per output, where outputs lie; padding behind the last is read, too, so that it has its place here. */
function packOutputs(target: Layout, format: WeightFormat): Packing {
  const { length } = target;
  if (target.pixels === 1) return packInOrder(length, format);
  return { format, length, paired: false, position: (k) => target.position(k), strides: undefined };
}
