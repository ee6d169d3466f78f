import { kept, whole } from '../kept-numbers.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { featureKind, framesOf16 } from './feature.ts';
import { OBJECT } from './frame-memory.ts';
import { FRAME_NUMBER } from './frame-numbers.ts';

const parameters = {
  length: { doc: 'samples, or frames, of a window', form: 'integer', minimum: 2, maximum: 65_536 },
  hop: {
    doc: 'of them from one window to the next (default the length, so that windows do not overlap,)',
    form: 'integer',
    minimum: 1,
    optional: true,
  },
} as const satisfies ParameterTable;

/**
 * Sliding window: a frame of the last `length` samples, oldest first, as soon as there are so many and then after every
 * `hop` samples. With hop > length, samples between windows are left out. Frames in place of samples stand one behind
 * the other, so that a spectrum becomes a course of spectra. Memory: the window itself, which is moved on by `hop` each
 * time.
 */
export const window = featureKind({
  type: 'window',
  examples: [{ stages: [framesOf16], outputs: 16 }],
  parameters,

  prepare({ length, hop = length }, { where, width, channels, memory }) {
    const size = length * width;
    memory.take(where, channels * (size + 1), channels * OBJECT);
    const samples = new Float64Array(channels * size);
    const frames = Array.from({ length: channels }, (_, c) => samples.subarray(c * size, (c + 1) * size));
    /** Samples or frames in each window; negative while those between windows are left out. */
    const filled = new Float64Array(channels);
    return {
      takes: width,
      outputs: size,
      frames: 1 / hop,
      work: 0,
      state: {
        samples: kept(samples, FRAME_NUMBER),
        filled: kept(filled, whole(Math.min(0, length - hop), length - 1)),
      },
      takesFor: (wanted) => length - filled[0]! + (wanted - 1) * hop,
      push(channel, sample, emit) {
        const frame = frames[channel]!;
        const at = filled[channel]!;
        if (at >= 0) frame.set(sample, at * width);
        filled[channel] = at + 1;
        if (at + 1 < length) return;
        emit(channel, frame);
        frame.copyWithin(0, hop * width);
        filled[channel] = length - hop;
      },
    };
  },
});
