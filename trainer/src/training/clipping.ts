import { filled, maximum, multiply, scale } from '../graph/operations/elementwise.ts';
import { reciprocal, squareRoot } from '../graph/operations/functions.ts';
import type { Value } from '../graph/operations/value.ts';

/**
 * Gradients whose common length, the root of the sum of all squares, is above `most`, shortened to it (Pascanu, Mikolov
 * and Bengio 2013, algorithm 1); shorter ones stay.
 *
 * @param square the sum of all squares, a scalar
 */
export function clipped(gradients: readonly Value[], square: Value, most: number): readonly Value[] {
  const factor = reciprocal(maximum(scale(squareRoot(square), 1 / most), filled([], 1)));
  return gradients.map((gradient) => multiply(gradient, factor));
}
