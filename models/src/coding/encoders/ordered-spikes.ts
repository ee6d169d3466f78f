import type { ParameterTable, PlainParameters } from '../../parameters/declaration.ts';
import { rangeParameters, readRange } from '../range.ts';
import { ElementOrder } from './element-order.ts';
import { type Emit, type Encoder, type EncoderSite, encodeWithin } from './encoder.ts';

/** The parameters of encoders that let each channel spike once per sample. */
export const orderedSpikesParameters = {
  ...rangeParameters,
  cutoff: {
    doc: 'a channel below it, on [0, 1], stays silent',
    form: 'number',
    default: 0,
    minimum: 0,
    maximum: 1,
  },
} as const satisfies ParameterTable;

/**
 * Channels in order of their strength, the strongest first and of equal ones the lower first; what latency and rank
 * order have in common. Throws `parameter`.
 *
 * @param keyOf a whole number from 0 for a strength on [0, 1], the stronger the smaller
 * @param emitOrder the spikes of the channels that are not silent, which come sorted by their key
 */
export function orderedSpikes(
  read: PlainParameters<typeof orderedSpikesParameters>,
  { where, size }: EncoderSite & { readonly where: string },
  keyOf: (strength: number) => number,
  emitOrder: (order: ElementOrder, emit: Emit) => void,
): Encoder {
  const range = readRange(where, read, size, [0, 1]);
  const order = new ElementOrder(size);
  return encodeWithin(range, order.bytes, (sample, emit) => {
    order.clear();
    for (let i = 0; i < size; i++) {
      const strength = range.toUnit(i, sample[i]!);
      if (strength >= read.cutoff) order.add(keyOf(strength), i);
    }
    order.sort();
    emitOrder(order, emit);
  });
}
