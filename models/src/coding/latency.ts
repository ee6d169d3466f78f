import { ElementOrder } from './element-order.ts';
import type { Emit, EncoderKind } from './encoder.ts';
import { type CodingParameterTable, readParameters } from './parameters.ts';
import { rangeParameters, readRange } from './range.ts';

const parameters = {
  ...rangeParameters,
  cutoff: {
    doc: 'a channel below it, on [0, 1], stays silent',
    form: 'elements',
    default: 0,
    minimum: 0,
    maximum: 1,
  },
} as const satisfies CodingParameterTable;

/**
 * Time to first spike: one spike per channel and sample, the larger the value the earlier (Thorpe, Delorme and Van Rullen 2001). On
 * a grid of T steps the value is known within ½/(T − 1) of the range. Elements = channels.
 */
export const latency: EncoderKind = {
  type: 'latency',
  parameters,
  emits: () => 'spikes',

  prepare(given, { size, steps }) {
    const where = 'encoder "latency"';
    const read = readParameters(where, given, parameters);
    const range = readRange(where, given, read, size, [0, 1]);
    const cutoff = read.numbers.cutoff!;
    const order = new ElementOrder(size);
    return {
      channels: size,
      range,
      state: range.state,
      encode(sample, emit) {
        if (!range.take(sample)) return;
        order.clear();
        for (let i = 0; i < size; i++) {
          const strength = range.toUnit(i, sample[i]!);
          if (strength >= cutoff) order.add(latencyOf(strength, steps), i);
        }
        emitInOrder(order, emit);
      },
    };
  },
};

/**
 * Latency of a strength on [0, 1]: strength 1 fires in step 0, strength 0 in the last step of the sample (SpikeProp's t = 10·(1 −
 * response), on a grid).
 */
export function latencyOf(strength: number, steps: number): number {
  return Math.round((1 - strength) * (steps - 1));
}

/** The strength in the middle of those that fire in `step`; the error is at most half of 1/(steps − 1). */
export function strengthOfLatency(step: number, steps: number): number {
  return steps === 1 ? 1 : 1 - step / (steps - 1);
}

/** A spike of each element in the step that is its place. */
export function emitInOrder(order: ElementOrder, emit: Emit): void {
  order.sort();
  for (let k = 0; k < order.length; k++) emit(order.place(k), order.element(k), 1);
}
