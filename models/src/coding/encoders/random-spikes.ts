import type { ChannelRange } from '../range.ts';
import { type Encoder, type EncoderSite, encodeWithin } from './encoder.ts';

/** Values of a draw. */
const DRAWS = 2 ** 32;

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
  const active = new Int32Array(size);
  const limit = new Float64Array(size);
  const drawn = new Uint32Array(size);
  return encodeWithin(range, active.byteLength + limit.byteLength + drawn.byteLength, (sample, emit) => {
    let count = 0;
    for (let i = 0; i < size; i++) {
      const probability = probabilityOf(range.toUnit(i, sample[i]!));
      if (probability <= 0) continue;
      active[count] = i;
      limit[count++] = probability * DRAWS;
    }
    for (let step = 0; step < steps; step++) {
      random.fillUint32(drawn, count);
      for (let k = 0; k < count; k++) if (drawn[k]! < limit[k]!) emit(step, active[k]!, 1);
    }
  });
}
