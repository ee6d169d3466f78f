import type { Standard } from '../samples/standard.ts';

/** Beyond so many deviations a number is cut off. */
export const CLIP = 4;
/** Added to variances, so that a number that never moved stays quiet. */
const STEADY_SQUARE = 1e-3;
/** How many samples running statistics take the base for, and how many they remember. */
const [BASE_SAMPLES, MEMORY] = [100, 300];

/** By the base: (x − mean) / deviation, within ±4. */
export function baseView(samples: readonly ArrayLike<number>[], standard: Standard): Float32Array[] {
  return samples.map((sample) => standardised(sample, standard).map(clipped));
}

/** By running statistics that begin as those of the base: each sample by what was seen up to it. */
export function runningView(samples: readonly ArrayLike<number>[], standard: Standard): Float32Array[] {
  const width = standard.mean.length;
  const mean = new Float64Array(width);
  const variance = new Float64Array(width).fill(1);
  let count = BASE_SAMPLES;
  return samples.map((sample) => {
    const values = standardised(sample, standard);
    count = Math.min(MEMORY, count + 1);
    for (let j = 0; j < width; j++) {
      const before = values[j]! - mean[j]!;
      mean[j]! += before / count;
      variance[j]! += (before * (values[j]! - mean[j]!) - variance[j]!) / count;
      values[j] = clipped((values[j]! - mean[j]!) / Math.sqrt(variance[j]! + STEADY_SQUARE));
    }
    return values;
  });
}

/** What a front of neurons gets: each sample as the base has it, and behind that as the running statistics have it. */
export function bothViews(base: readonly Float32Array[], running: readonly Float32Array[]): Float32Array[] {
  return base.map((own, k) => Float32Array.of(...own, ...running[k]!));
}

function standardised(sample: ArrayLike<number>, { mean, deviation }: Standard): Float32Array {
  return Float32Array.from(mean, (middle, j) => (sample[j]! - middle) / deviation[j]!);
}

function clipped(value: number): number {
  return Math.min(CLIP, Math.max(-CLIP, value));
}
