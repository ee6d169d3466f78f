import type { CopyingConnectivity } from '@spikewire/models';
import { sourceOperands, suffixOf } from '../sums.ts';
import type { Lowering } from './lowering.ts';
import { placeSynapses } from './sparse.ts';

/** Listed synapses without weights: every event adds its value wherever it is copied to. */
export const copyElements: Lowering<CopyingConnectivity> = (draft, { connectivity, arrival, sums }) => {
  draft.emit(`addSparse${suffixOf[sums.format]}`, {
    ...sourceOperands(arrival),
    weights: 0,
    ...placeSynapses(draft.memory, connectivity, false, sums.layout),
    accumulator: sums.address,
    shift: 0,
  });
};
