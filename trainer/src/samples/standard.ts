/** Mean and deviation of each number of samples. */
export interface Standard {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Of one sample or more; `steady` is added to deviations, so that what hardly varies does not become loud. */
export function standardOf(samples: readonly ArrayLike<number>[], steady: number): Standard {
  const width = samples[0]!.length;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (const sample of samples) for (let j = 0; j < width; j++) mean[j]! += sample[j]! / samples.length;
  for (const sample of samples) for (let j = 0; j < width; j++) deviation[j]! += (sample[j]! - mean[j]!) ** 2;
  return { mean, deviation: deviation.map((sum) => Math.sqrt(sum / samples.length) + steady) };
}

/** Six digits are enough, and take little of a file. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
