/** Exponential mean over so many values, from the first on. */
export function smoothed(values: ArrayLike<number>, length: number): Float64Array {
  let mean = values[0] ?? 0;
  return Float64Array.from(values, (value) => {
    mean += (value - mean) / length;
    return mean;
  });
}
