import { SpikewireError } from '../error.ts';
import { solvePositiveDefinite } from './cholesky.ts';

/**
 * Decoders by least squares with Tikhonov regularisation (Eliasmith and Anderson 2003, eq. 2.14; Nengo's LstsqL2):
 * D = ((AᵀA + m·σ²·I)⁻¹·AᵀY)ᵀ with σ = regularisation·max(A), the noise on the rates that the decoders should bear.
 *
 * @param activities A, rates in Hz, row-major [points m, neurons]
 * @param targets Y, row-major [points m, outputs]
 * @param regularisation ≥ 0, usually 0.1
 * @returns D, row-major [outputs, neurons], in units of the targets per Hz
 * @throws `parameter` where no neuron fires at any point, or, without regularisation, where decoders are not determined
 */
export function solveDecoders(
  activities: Float64Array,
  targets: Float64Array,
  { points, neurons, regularisation }: { points: number; neurons: number; regularisation: number },
): Float64Array {
  const outputs = targets.length / points;
  if (activities.length !== points * neurons || !Number.isInteger(outputs)) {
    throw new SpikewireError(
      'parameter',
      'decoders',
      `${activities.length} activities and ${targets.length} targets`,
      `${points * neurons} and a multiple of ${points}`,
    );
  }
  const highest = activities.reduce((maximum, rate) => Math.max(maximum, rate), 0);
  const gram = transposedTimes(activities, activities, points, neurons, neurons);
  const variance = points * (regularisation * highest) ** 2;
  for (let i = 0; i < neurons; i++) gram[i * neurons + i]! += variance;
  const solution = transposedTimes(activities, targets, points, neurons, outputs);
  if (!solvePositiveDefinite(gram, solution, neurons, outputs)) {
    const problem = highest > 0 ? 'are not determined by these points' : 'cannot decode: no neuron fires at any point';
    throw new SpikewireError('parameter', 'decoders', problem, 'a regularisation above 0 and neurons that fire');
  }
  const decoders = new Float64Array(outputs * neurons);
  for (let i = 0; i < neurons; i++) {
    for (let output = 0; output < outputs; output++) decoders[output * neurons + i] = solution[i * outputs + output]!;
  }
  return decoders;
}

/** Aᵀ·B for row-major A [rows, left] and B [rows, right]. */
function transposedTimes(a: Float64Array, b: Float64Array, rows: number, left: number, right: number): Float64Array {
  const product = new Float64Array(left * right);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < left; i++) {
      const factor = a[row * left + i]!;
      if (factor === 0) continue;
      for (let j = 0; j < right; j++) product[i * right + j]! += factor * b[row * right + j]!;
    }
  }
  return product;
}
