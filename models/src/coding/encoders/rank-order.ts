import { encoderKind } from './encoder.ts';
import { orderedSpikes, orderedSpikesParameters } from './ordered-spikes.ts';

/** Values closer than this part of the range count as equal. */
const RESOLUTION = 2 ** -26;

/**
 * Rank order (Thorpe and Gautrais 1998): each channel spikes once, the largest first; only the order says something, so
 * that gain and offset common to all channels do not matter. Of n channels the one of rank k = 0 … n − 1 spikes in step
 * ⌊k·T/n⌋ of T: the order is whole where T ≥ n, else neighbours share a step. Of equal channels the lower comes first.
 * Elements = channels.
 */
export const rankOrder = encoderKind({
  type: 'rank-order',
  examples: [{ parameters: { cutoff: 0.1 } }],
  parameters: orderedSpikesParameters,
  emits: () => 'spikes',

  prepare(read, site) {
    const { size, steps } = site;
    const keyOf = (strength: number) => Math.round((1 - strength) / RESOLUTION);
    return orderedSpikes(read, site, keyOf, (order, emit) => {
      for (let k = 0; k < order.length; k++) emit(Math.floor((k * steps) / size), order.element(k), 1);
    });
  },
});
