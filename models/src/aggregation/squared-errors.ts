import type { Sums } from './sums.ts';
import { timesTriangle } from './triangle.ts';

/**
 * Mean squared errors of weights W on the samples of sums, without a sample: of each class Σ(w_cᵀx − y_c)²/n =
 * (w_cᵀA·w_c − 2·w_cᵀb_c + n_c)/n, and last of all together; inputs²·classes multiplications.
 */
export function squaredErrors(
  { inputs, classes, samples, products, targets }: Sums,
  weights: Float64Array,
): Float64Array {
  const scored = timesTriangle(products, weights, inputs, classes);
  const errors = new Float64Array(classes + 1);
  for (let c = 0; c < classes; c++) {
    let error = targets[c]!;
    for (let k = c; k < weights.length; k += classes) error += weights[k]! * (scored[k]! - 2 * targets[k]!);
    errors[c] = error / samples;
    errors[classes]! += errors[c]!;
  }
  return errors;
}
