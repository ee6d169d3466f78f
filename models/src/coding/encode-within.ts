import type { Emit, Encoder } from './encoder.ts';
import type { ChannelRange } from './range.ts';

/** An encoder whose state is its range; nothing is emitted before that is known. */
export function encodeWithin(range: ChannelRange, encode: (sample: ArrayLike<number>, emit: Emit) => void): Encoder {
  return {
    channels: range.channels,
    range,
    state: range.state,
    encode(sample, emit) {
      if (range.take(sample)) encode(sample, emit);
    },
  };
}
