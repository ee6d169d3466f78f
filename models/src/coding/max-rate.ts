import { countDecoder } from './count.ts';
import { decoderKind } from './decoder.ts';

/**
 * Maximum rate: values are the firing rates in Hz over the window, the winner fires fastest; of equal ones the lowest
 * index.
 */
export const maxRate = decoderKind({
  type: 'max-rate',
  examples: [{ parameters: {} }],
  parameters: {},
  reads: 'spikes',
  classifies: true,
  prepare(_, { size, dt }) {
    return countDecoder(size, ({ steps }) => 1 / (steps * dt));
  },
});
