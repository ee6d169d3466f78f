import { countDecoder } from './count.ts';
import type { DecoderKind } from './decoder.ts';
import { readParameters } from './parameters.ts';

/** Maximum rate: values are the firing rates in Hz over the window, the winner fires fastest; of equal ones the lowest index. */
export const maxRate: DecoderKind = {
  type: 'max-rate',
  parameters: {},
  reads: 'spikes',
  classifies: true,
  prepare(given, { size, dt }) {
    readParameters('decoder "max-rate"', given, {});
    return countDecoder(size, ({ steps }) => 1 / (steps * dt));
  },
};
