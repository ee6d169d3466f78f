import { SpikewireError } from '../error.ts';
import { type FeatureKind, featureKind, framesOf16 } from './feature.ts';
import { meanMagnitudeOf, meanOf, meanSquareOf, peakOf, ratio, standardizedMoment, varianceOf } from './moments.ts';

/**
 * A kind that gives one number of each frame of at least two, and keeps nothing.
 *
 * @param passes over the frame, in which it reads each number
 */
export function statistic(type: string, passes: number, of: (frame: Float64Array) => number): FeatureKind {
  return featureKind({
    type,
    examples: [{ stages: [framesOf16, { type, parameters: {} }], outputs: 1 }],
    parameters: {},
    prepare(_, { where, width }) {
      if (width < 2) {
        throw new SpikewireError('parameter', where, 'gets single samples', 'frames, from a "window" in front of it');
      }
      const value = new Float64Array(1);
      return {
        takes: width,
        outputs: 1,
        frames: 'each',
        work: passes * width,
        state: {},
        push(channel, frame, emit) {
          value[0] = of(frame);
          emit(channel, value);
        },
      };
    },
  });
}

/** Mean μ = Σ x / n of a frame. */
export const mean = statistic('mean', 2, meanOf);

/** Standard deviation σ = √(Σ (x − μ)² / n) of a frame. */
export const standardDeviation = statistic('standard-deviation', 3, (frame) =>
  Math.sqrt(varianceOf(frame, meanOf(frame))),
);

/** Root mean square √(Σ x² / n) of a frame: with vibrations, the strength as a whole (ISO 20816). */
export const rms = statistic('rms', 1, (frame) => Math.sqrt(meanSquareOf(frame)));

/** Peak max |x| of a frame. */
export const peak = statistic('peak', 1, peakOf);

/** Peak to peak max x − min x of a frame. */
export const peakToPeak = statistic('peak-to-peak', 1, (frame) => {
  let low = frame[0]!;
  let high = frame[0]!;
  for (let k = 1; k < frame.length; k++) {
    low = Math.min(low, frame[k]!);
    high = Math.max(high, frame[k]!);
  }
  return high - low;
});

/** Crest factor peak/rms of a frame: √2 for a sine, large for single impacts; 0 for a frame of zeros. */
export const crestFactor = statistic('crest-factor', 2, (frame) =>
  ratio(peakOf(frame), Math.sqrt(meanSquareOf(frame))),
);

/** Shape factor rms / mean |x| of a frame: π/(2√2) for a sine, 1 for a square wave; 0 for a frame of zeros. */
export const shapeFactor = statistic('shape-factor', 2, (frame) =>
  ratio(Math.sqrt(meanSquareOf(frame)), meanMagnitudeOf(frame)),
);

/** Skewness E[((x − μ)/σ)³] of a frame: 0 for a symmetric distribution, and for a frame that does not vary. */
export const skewness = statistic('skewness', 4, (frame) => standardizedMoment(frame, 3));

/**
 * Kurtosis E[((x − μ)/σ)⁴] of a frame (Dyer and Stewart 1978, for rolling bearings): 3 for normal noise, 1.5 for a
 * sine, more for impacts, whatever their strength; 0 for a frame that does not vary.
 */
export const kurtosis = statistic('kurtosis', 4, (frame) => standardizedMoment(frame, 4));

/**
 * Share of the n − 1 intervals of a frame in which x crosses the frame's mean, 0 … 1: of a sine of f Hz at r samples/s
 * about 2f/r.
 */
export const zeroCrossings = statistic('zero-crossings', 3, (frame) => {
  const middle = meanOf(frame);
  let crossings = 0;
  let side = 0;
  for (let k = 0; k < frame.length; k++) {
    const now = Math.sign(frame[k]! - middle);
    // A sample on the mean belongs to the side before it.
    if (now === 0) continue;
    if (side !== 0 && now !== side) crossings++;
    side = now;
  }
  return crossings / (frame.length - 1);
});

/** Slope of the line of least squares through a frame, per sample: Σ (k − k̄)·x_k / Σ (k − k̄)². */
export const slope = statistic('slope', 3, (frame) => {
  const middle = (frame.length - 1) / 2;
  const mean = meanOf(frame);
  let sum = 0;
  for (let k = 0; k < frame.length; k++) sum += (k - middle) * (frame[k]! - mean);
  return (12 * sum) / (frame.length * (frame.length ** 2 - 1));
});

/** Every one of them. */
export const statistics = [
  mean,
  standardDeviation,
  rms,
  peak,
  peakToPeak,
  crestFactor,
  shapeFactor,
  skewness,
  kurtosis,
  zeroCrossings,
  slope,
];
