import type { EncoderKind } from './encoder.ts';
import { type CodingParameterTable, readParameters } from './parameters.ts';
import { drawSpikes } from './random-spikes.ts';
import { rangeParameters, readRange } from './range.ts';

const parameters = {
  ...rangeParameters,
  maxProbability: {
    doc: 'probability of a spike per step at the upper end of the range',
    form: 'elements',
    default: 1,
    above: 0,
    maximum: 1,
  },
} as const satisfies CodingParameterTable;

/**
 * Bernoulli (stochastic) code: in each step a spike with probability p = maxProbability·x, x the channel on [0, 1].
 * Over T steps the mean count is T·p with the binomial deviation √(T·p·(1−p)). Elements = channels.
 */
export const bernoulli: EncoderKind = {
  type: 'bernoulli',
  parameters,
  emits: () => 'spikes',

  prepare(given, site) {
    const where = 'encoder "bernoulli"';
    const read = readParameters(where, given, parameters);
    const range = readRange(where, given, read, site.size, [0, 1]);
    const maximum = read.numbers.maxProbability!;
    return drawSpikes(range, site, (unit) => maximum * unit);
  },
};
