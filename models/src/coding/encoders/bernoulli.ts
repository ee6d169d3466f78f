import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind } from './encoder.ts';
import { drawSpikes } from './random-spikes.ts';

const parameters = {
  ...rangeParameters,
  maxProbability: {
    doc: 'probability of a spike per step at the upper end of the range',
    form: 'number',
    default: 1,
    above: 0,
    maximum: 1,
  },
} as const satisfies ParameterTable;

/**
 * Bernoulli (stochastic) code: in each step a spike with probability p = maxProbability·x, x the channel on [0, 1].
 * Over T steps the mean count is T·p with the binomial deviation √(T·p·(1−p)). Elements = channels.
 */
export const bernoulli = encoderKind({
  type: 'bernoulli',
  examples: [{ parameters: {} }],
  parameters,
  emits: () => 'spikes',

  prepare(read, site) {
    const { where } = site;
    const range = readRange(where, read, site.size, [0, 1]);
    const maximum = read.maxProbability;
    return drawSpikes(range, site, (unit) => maximum * unit);
  },
});
