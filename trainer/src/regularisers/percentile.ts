import { elementCount } from '@spikewire/models';
import { add, multiply, scale } from '../graph/operations/elementwise.ts';
import { rectifier } from '../graph/operations/functions.ts';
import { ranked } from '../graph/operations/ranked.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import { kind } from '../kinds/kind.ts';
import type { Regulariser } from './regulariser.ts';

/**
 * strength·mean of max(0, p − most)² + max(0, least − p)², p = the percentile of each neuron's rate over the samples of
 * a batch, summed over the populations (Patel et al. 2021). Neurons that nearly never spike say nothing in few steps,
 * those that could spike more than once a step lose what is above.
 */
export const percentile = kind({
  name: 'percentile',
  summary: 'keeps the highest rates of each neuron over a batch within a range, for conversion to spikes',
  parameters: {
    strength: { doc: 'weight beside the loss', form: 'number', default: 0.1, minimum: 0 },
    percentile: {
      doc: 'share of the samples with a lower rate, in percent',
      form: 'number',
      default: 99,
      minimum: 0,
      maximum: 100,
    },
    least: { doc: 'spikes per step below which a neuron costs', form: 'number', default: 0.3, minimum: 0 },
    most: { doc: 'spikes per step above which it does', form: 'number', default: 0.9, minimum: 0 },
  },
  prepare:
    ({ strength, percentile: share, least, most }): Regulariser =>
    ({ signals, populations }) => {
      const penalties = [...populations.keys()].map((name) => {
        const { parts, steps } = signals.get(name)!;
        const samples = parts[0]!.shape[0]!;
        const rank = Math.max(1, Math.round((1 - share / 100) * samples));
        const highest = scale(ranked(sumOf(parts), rank), 1 / steps);
        const [above, below] = [rectifier(scale(highest, 1, -most)), rectifier(scale(highest, -1, least))];
        const squares = add(multiply(above, above), multiply(below, below));
        return scale(sumTo(squares, []), strength / elementCount(highest.shape));
      });
      return penalties.reduce(add);
    },
});
