import { add, divide, multiply, scale, squareRoot, subtract } from '../graph/elementwise.ts';
import type { Value } from '../graph/value.ts';

const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-8;

/** A parameter with its running means of the gradient and of its square, all of one shape. */
export interface AdamValues {
  readonly parameter: Value;
  readonly mean: Value;
  readonly square: Value;
}

/**
 * One step of Adam (Kingma and Ba 2015, algorithm 1, in the order of the remark at the end of section 2):
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − α_t·m/(√v + ε).
 *
 * @param stepSize α_t, a scalar: what `adamStepSize` gives
 */
export function adamUpdate({ parameter, mean, square }: AdamValues, gradient: Value, stepSize: Value): AdamValues {
  const nextMean = add(scale(mean, MEAN_DECAY), scale(gradient, 1 - MEAN_DECAY));
  const nextSquare = add(scale(square, SQUARE_DECAY), scale(multiply(gradient, gradient), 1 - SQUARE_DECAY));
  const direction = divide(nextMean, scale(squareRoot(nextSquare), 1, EPSILON));
  return { parameter: subtract(parameter, multiply(direction, stepSize)), mean: nextMean, square: nextSquare };
}

/** α_t = rate·√(1 − β₂^t)/(1 − β₁^t) of step t ≥ 1: means that began at 0 are too small at first. */
export function adamStepSize(rate: number, step: number): number {
  return (rate * Math.sqrt(1 - SQUARE_DECAY ** step)) / (1 - MEAN_DECAY ** step);
}
