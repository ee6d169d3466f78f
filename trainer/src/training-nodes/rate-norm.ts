import { add, filled, maximum, scale, subtract } from '../graph/operations/elementwise.ts';
import { rectifier } from '../graph/operations/functions.ts';
import { largestOf } from '../graph/operations/largest.ts';
import type { Value } from '../graph/operations/value.ts';
import { asValue, type Coefficient, product } from '../lowering/neurons/coefficient.ts';
import type { TrainingNode } from '../lowering/training-node.ts';

/** Share of the way to the largest number of a batch that the running one goes in a step. */
const MOMENTUM = 0.1;

/**
 * z = min(max(0, x), θ) with θ = p·max x, p learned (Ding et al. 2021): a rate r = z/θ of a neuron whose
 * threshold is θ. The largest x is a running one, or `known`, which stays. `start` is the first p.
 */
export function rateNorm({ start = 1, known }: { start?: number; known?: number } = {}): TrainingNode {
  return {
    type: 'rate-norm',
    arrays: () => ({
      p: { shape: [], start, changedBy: 'optimiser' },
      ...(known === undefined && { largest: { shape: [], start: 1, changedBy: 'node' } }),
    }),
    lower(array, learns) {
      const largest: Coefficient = known ?? array('largest');
      const threshold = asValue(product(array('p'), largest));
      const next: Record<string, Value> = {};
      return {
        next,
        over(signal) {
          if (typeof largest !== 'number') next.largest = learns ? running(largest, signal.rows) : largest;
          return signal.mapSteps((x) => clipped(x, threshold));
        },
      };
    },
  };
}

/** x held within 0 … θ. */
function clipped(x: Value, threshold: Value): Value {
  return subtract(rectifier(x), rectifier(subtract(x, threshold)));
}

function running(largest: Value, rows: Value): Value {
  return add(scale(largest, 1 - MOMENTUM), scale(maximum(largestOf(rows), filled([], 0)), MOMENTUM));
}
