import { encodeWithin } from './encode-within.ts';
import type { Encoder, EncoderSite } from './encoder.ts';
import type { ChannelRange } from './range.ts';

/**
 * Spikes drawn independently in each step, with a probability per channel that the normalised channel sets once per
 * sample; what the Bernoulli and the Poisson code have in common. A silent channel draws no random number.
 *
 * @param probabilityOf of a spike in one step, for a channel's value on [0, 1]
 */
export function drawSpikes(
  range: ChannelRange,
  { size, steps, random }: EncoderSite,
  probabilityOf: (unit: number) => number,
): Encoder {
  const probability = new Float64Array(size);
  return encodeWithin(range, (sample, emit) => {
    for (let i = 0; i < size; i++) probability[i] = probabilityOf(range.toUnit(i, sample[i]!));
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < size; i++) {
        if (probability[i]! > 0 && random.nextUniform() < probability[i]!) emit(step, i, 1);
      }
    }
  });
}
