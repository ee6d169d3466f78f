import { ElementOrder } from './element-order.ts';
import { encodeWithin } from './encode-within.ts';
import type { Emit, Encoder, EncoderParameters, EncoderSite } from './encoder.ts';
import { type CodingParameterTable, readParameters } from './parameters.ts';
import { rangeParameters, readRange } from './range.ts';

/** The parameters of encoders that let each channel spike once per sample. */
export const orderedSpikesParameters = {
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
 * Channels in order of their strength, the strongest first and of equal ones the lower first; what latency and rank order have in
 * common. Throws `parameter`.
 *
 * @param placeOf a whole number from 0 for a strength on [0, 1], the stronger the smaller
 * @param emitOrder the spikes of the channels that are not silent, which come sorted by their place
 */
export function orderedSpikes(
  where: string,
  given: EncoderParameters,
  { size }: EncoderSite,
  placeOf: (strength: number) => number,
  emitOrder: (order: ElementOrder, emit: Emit) => void,
): Encoder {
  const read = readParameters(where, given, orderedSpikesParameters);
  const range = readRange(where, given, read, size, [0, 1]);
  const cutoff = read.numbers.cutoff!;
  const order = new ElementOrder(size);
  return encodeWithin(range, (sample, emit) => {
    order.clear();
    for (let i = 0; i < size; i++) {
      const strength = range.toUnit(i, sample[i]!);
      if (strength >= cutoff) order.add(placeOf(strength), i);
    }
    order.sort();
    emitOrder(order, emit);
  });
}
