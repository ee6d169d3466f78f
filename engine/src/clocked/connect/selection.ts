import { real, type SelectionConnectivity } from '@spikewire/models';
import { EmissionRingPlan } from '../emission-ring.ts';
import type { StateVariable } from '../program.ts';
import type { Lowering } from './lowering.ts';

/** What passes is chosen outside the kernels; what has arrived is a state of its own. */
export const select: Lowering<SelectionConnectivity> = (draft, { index, connectivity, arrival, sums }) => {
  const { stateLength: length } = connectivity;
  const state: StateVariable = {
    address: draft.memory.reserve(8 * length),
    format: 'float64',
    length,
    resets: true,
    ranges: [real()],
  };
  const list = draft.emissions.get(index) ?? new EmissionRingPlan(draft.memory, sums.layout);
  draft.populations.push({ index, list, spikes: false, state: new Map([['arrived', state]]) });
  draft.appendPart({ role: 'selection', plan: { connectivity, arrival, state, ...sums } });
};
