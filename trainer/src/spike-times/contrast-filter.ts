/** Side of the filter of contrasts, and the widths of its two Gaussians in pixels. */
export const FILTER = 7;
const [CENTRE, SURROUND] = [1, 2];

/** Difference of two Gaussians that both add up to 1, [7, 7], in float32. */
export const contrastFilter: Float64Array = differenceOf(gaussian(CENTRE), gaussian(SURROUND));

function differenceOf(centre: Float64Array, surround: Float64Array): Float64Array {
  return centre.map((value, k) => Math.fround(value - surround[k]!));
}

function gaussian(width: number): Float64Array {
  const values = Float64Array.from({ length: FILTER * FILTER }, (_, k) => {
    const [y, x] = [Math.floor(k / FILTER) - (FILTER - 1) / 2, (k % FILTER) - (FILTER - 1) / 2];
    return Math.exp(-(y * y + x * x) / (2 * width * width));
  });
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}
