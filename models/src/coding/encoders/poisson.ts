import type { ParameterTable } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { encoderKind } from './encoder.ts';
import { drawSpikes } from './random-spikes.ts';

const parameters = {
  ...rangeParameters,
  maxRate: { doc: 'rate at the upper end of the range', unit: 'Hz', form: 'number', above: 0 },
} as const satisfies ParameterTable;

/**
 * Poisson code: each channel fires at the rate r = maxRate·x, x the channel on [0, 1].
 *
 * A step carries a spike with probability 1 − e^(−r·dt), that of a Poisson process having at least one event in it.
 * Drawing per step rather than by exponential intervals keeps no next spike time per channel, so the rate may change
 * with every sample at no cost, and it is exact on the grid, where several events of one step are one spike: with r·dt
 * = 0.1 there are 5 % fewer spikes than events. (Poisson spike generation: Dayan and Abbott 2001, section 1.4.)
 * Elements = channels.
 */
export const poisson = encoderKind({
  type: 'poisson',
  examples: [{ parameters: { maxRate: 300 } }],
  parameters,
  emits: () => 'spikes',

  prepare(read, site) {
    const { where } = site;
    const range = readRange(where, read, site.size, [0, 1]);
    const eventsPerStep = read.maxRate * site.dt;
    return drawSpikes(range, site, (unit) => -Math.expm1(-eventsPerStep * unit));
  },
});
