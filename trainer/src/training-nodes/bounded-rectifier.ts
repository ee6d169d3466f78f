import { divide, filled, maximum, scale, subtract } from '../graph/operations/elementwise.ts';
import { rectifier } from '../graph/operations/functions.ts';
import type { Value } from '../graph/operations/value.ts';
import type { TrainingNode } from '../lowering/training-node.ts';

/** Width that is left of a step, so that nothing is divided by 0. */
const STEP = 1e-6;

/**
 * h_{α,β}(x) = (x − α)/(β − α), held within 0 … 1, with α = s/2 and β = 1 − s/2 (Severa et al. 2019): a bounded
 * rectifier at sharpness s = 0, a step at ½ at s = 1. The sharpness is an array that stays as it is set from outside.
 */
export function boundedRectifier(): TrainingNode {
  return {
    type: 'bounded-rectifier',
    arrays: () => ({ sharpness: { shape: [], start: 0, changedBy: 'node' } }),
    lower(array) {
      const sharpness = array('sharpness');
      const width = maximum(scale(sharpness, -1, 1), filled([], STEP));
      const step = (x: Value) => {
        const y = scale(divide(scale(x, 1, -0.5), width), 1, 0.5);
        return subtract(rectifier(y), rectifier(scale(y, 1, -1)));
      };
      return { step, over: (signal) => signal.mapSteps(step), next: { sharpness: maximum(sharpness, filled([], 0)) } };
    },
  };
}
