import { flag, kept } from '../kept-numbers.ts';
import { featureKind, framesOf16 } from './feature.ts';
import { FRAME_NUMBER } from './frame-numbers.ts';

/** First difference: each number less the one of the frame before; 0 for the first frame. Takes samples and frames. */
export const difference = featureKind({
  type: 'difference',
  examples: [
    { stages: [{ type: 'difference', parameters: {} }, framesOf16], outputs: 16 },
    { stages: [framesOf16, { type: 'difference', parameters: {} }], outputs: 16 },
  ],
  parameters: {},

  prepare(_, { where, width, channels, memory }) {
    memory.take(where, channels * (width + 1) + width);
    const before = new Float64Array(channels * width);
    const begun = new Float64Array(channels);
    const change = new Float64Array(width);
    return {
      takes: width,
      outputs: width,
      frames: 'each',
      work: width,
      state: { before: kept(before, FRAME_NUMBER), begun: kept(begun, flag) },
      push(channel, frame, emit) {
        const start = channel * width;
        for (let k = 0; k < width; k++) {
          change[k] = begun[channel] === 0 ? 0 : frame[k]! - before[start + k]!;
          before[start + k] = frame[k]!;
        }
        begun[channel] = 1;
        emit(channel, change);
      },
    };
  },
});
