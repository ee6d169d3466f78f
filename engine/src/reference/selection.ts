import { kept, real, type SelectionConnectivity } from '@spikewire/models';
import { collectActive, sparseActivity } from '../learn/sparse-activity.ts';

/** The work of a connection that hands on some of what arrives. */
export function createSelection(connectivity: SelectionConnectivity) {
  const arrived = new Float64Array(connectivity.stateLength);
  const activity = sparseActivity(connectivity.inputs);
  return {
    state: { arrived },
    kept: { arrived: kept(arrived, real()) },
    retained: [connectivity, arrived, activity],
    visit([arriving]: readonly Float64Array[], emitted: Float64Array): void {
      emitted.fill(0);
      collectActive(arriving!, activity);
      connectivity.select(activity, arrived, (output, value) => {
        emitted[output]! += value;
      });
    },
    reset: () => void arrived.fill(0),
  };
}
