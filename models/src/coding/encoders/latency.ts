import type { ElementOrder } from './element-order.ts';
import { type Emit, encoderKind } from './encoder.ts';
import { orderedSpikes, orderedSpikesParameters } from './ordered-spikes.ts';

/**
 * Time to first spike: one spike per channel and sample, the larger the value the earlier (Thorpe, Delorme and Van
 * Rullen 2001). On a grid of T steps the value is known within ½/(T − 1) of the range. Elements = channels.
 */
export const latency = encoderKind({
  type: 'latency',
  examples: [{ parameters: {} }],
  parameters: orderedSpikesParameters,
  emits: () => 'spikes',

  prepare(read, site) {
    return orderedSpikes(read, site, (strength) => latencyOf(strength, site.steps), emitAtKeys);
  },
});

/**
 * Latency of a strength on [0, 1]: strength 1 fires in step 0, strength 0 in the last step of the sample (SpikeProp's t
 * = 10·(1 − response), on a grid).
 */
export function latencyOf(strength: number, steps: number): number {
  return Math.round((1 - strength) * (steps - 1));
}

/** The strength in the middle of those that fire in `step`; the error is at most half of 1/(steps − 1). */
export function strengthOfLatency(step: number, steps: number): number {
  return steps === 1 ? 1 : 1 - step / (steps - 1);
}

/** A spike of each element of a sorted order in the step that is its key. */
export function emitAtKeys(order: ElementOrder, emit: Emit): void {
  for (let k = 0; k < order.length; k++) emit(order.key(k), order.element(k), 1);
}
