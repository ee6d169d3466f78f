import { kept, real, whole } from '../kept-numbers.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { featureKind, framesOf16 } from './feature.ts';
import { FRAME_NUMBER } from './frame-numbers.ts';
import { clipped, standardiseParameters } from './standardise.ts';

const parameters = {
  begin: {
    doc: 'frames that the beginning, mean 0 and deviation 1, counts for',
    form: 'integer',
    default: 100,
    minimum: 1,
  },
  most: {
    doc: 'frames over which mean and deviation are taken in the long run',
    form: 'integer',
    default: 300,
    minimum: 2,
  },
  clip: standardiseParameters.clip,
} as const satisfies ParameterTable;

/** Keeps what does not vary from becoming large. */
const LEAST_VARIANCE = 1e-3;
/** Farther from the mean a number counts as this far, in deviations: one wild frame must not move what is usual. */
const FARTHEST = 100;

/**
 * Standardises each number of a frame, (x − mean)/√(variance + 0.001), clipped, by a mean and a variance that follow:
 * those of an average over n frames, n from `begin` up to `most`. Behind `standardise`, whose numbers have mean 0 and
 * deviation 1 at first.
 */
export const runningStandardise = featureKind({
  type: 'running-standardise',
  examples: [
    { stages: [{ type: 'running-standardise', parameters: { begin: 3, most: 5 } }, framesOf16], outputs: 16 },
    { stages: [framesOf16, { type: 'running-standardise', parameters: {} }], outputs: 16 },
  ],
  parameters,

  prepare({ begin, most, clip }, { where, width, channels, memory }) {
    memory.take(where, channels * (2 * width + 1) + width);
    const mean = new Float64Array(channels * width);
    const variance = new Float64Array(channels * width).fill(1);
    const frames = new Float64Array(channels).fill(begin);
    const values = new Float64Array(width);
    return {
      takes: width,
      outputs: width,
      frames: 'each',
      work: 5 * width,
      follows: () => true,
      state: {
        mean: kept(mean, FRAME_NUMBER),
        variance: kept(variance, real(0)),
        frames: kept(frames, whole(1, Math.max(begin, most))),
      },
      push(channel, frame, emit) {
        const n = Math.min(most, frames[channel]! + 1);
        frames[channel] = n;
        for (let k = 0, at = channel * width; k < width; k++, at++) {
          const farthest = FARTHEST * Math.sqrt(variance[at]! + LEAST_VARIANCE);
          const change = clipped(frame[k]! - mean[at]!, farthest);
          mean[at]! += change / n;
          variance[at]! += (change * (change - change / n) - variance[at]!) / n;
          values[k] = clipped((frame[k]! - mean[at]!) / Math.sqrt(variance[at]! + LEAST_VARIANCE), clip);
        }
        emit(channel, values);
      },
    };
  },
});
