import { ElementOrder } from './element-order.ts';
import type { EncoderKind } from './encoder.ts';
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

/** Values closer than this part of the range count as equal. */
const RESOLUTION = 2 ** -26;

/**
 * Rank order (Thorpe and Gautrais 1998): each channel spikes once, the largest first; only the order says something, so that gain
 * and offset common to all channels do not matter. Of n channels the one of rank k = 0 … n − 1 spikes in step ⌊k·T/n⌋ of T: the order is
 * whole where T ≥ n, else neighbours share a step. Of equal channels the lower comes first. Elements = channels.
 */
export const rankOrder: EncoderKind = {
  type: 'rank-order',
  parameters,
  emits: () => 'spikes',

  prepare(given, { size, steps }) {
    const where = 'encoder "rank-order"';
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
          if (strength >= cutoff) order.add(Math.round((1 - strength) / RESOLUTION), i);
        }
        order.sort();
        for (let k = 0; k < order.length; k++) emit(Math.floor((k * steps) / size), order.element(k), 1);
      },
    };
  },
};
