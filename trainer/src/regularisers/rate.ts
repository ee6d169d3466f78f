import { elementCount } from '@spikewire/models';
import { add, multiply, scale } from '../graph/operations/elementwise.ts';
import { rectifier } from '../graph/operations/functions.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import { kind } from '../kinds/kind.ts';
import type { Regulariser } from './regulariser.ts';

/**
 * strength·mean of max(0, rate − most)², rate = spikes per step of each neuron over a batch, summed over the
 * populations.
 */
export const rate = kind({
  name: 'rate',
  summary: 'keeps populations from spiking more often than needed: spikes cost energy',
  parameters: {
    strength: { doc: 'weight beside the loss', form: 'number', default: 1, minimum: 0 },
    most: { doc: 'spikes per neuron and step that cost nothing', form: 'number', default: 0.1, minimum: 0 },
  },
  prepare:
    ({ strength, most }): Regulariser =>
    ({ signals, populations }) => {
      const penalties = [...populations.keys()].map((name) => {
        const { parts, steps } = signals.get(name)!;
        const rates = scale(sumTo(sumOf(parts), parts[0]!.shape.slice(1)), 1 / (steps * parts[0]!.shape[0]!), -most);
        const above = rectifier(rates);
        return scale(sumTo(multiply(above, above), []), strength / elementCount(above.shape));
      });
      return penalties.reduce(add);
    },
});
