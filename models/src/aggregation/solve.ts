import { SpikewireError } from '../error.ts';
import { solvePositiveDefinite } from '../nef/cholesky.ts';
import { wholeOf } from './triangle.ts';

/**
 * A⁻¹·b of the upper triangle of a positive definite A, by Cholesky's factors; inputs³/6 multiplications. `room` holds
 * inputs² numbers to compute in. Throws `learning` where A is not positive definite within rounding.
 */
export function solve(
  products: Float64Array,
  targets: Float64Array,
  inputs: number,
  classes: number,
  room?: Float64Array,
): Float64Array {
  const solution = targets.slice();
  if (solvePositiveDefinite(wholeOf(products, inputs, room), solution, inputs, classes)) return solution;
  throw new SpikewireError(
    'learning',
    'aggregation',
    'the sums have no solution',
    'products that are positive definite',
  );
}
