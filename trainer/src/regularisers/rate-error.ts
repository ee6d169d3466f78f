import { add, divide, filled, maximum, multiply, scale } from '../graph/operations/elementwise.ts';
import { sumOfSquares } from '../graph/operations/squares.ts';
import { sumTo } from '../graph/operations/sums.ts';
import type { Regulariser } from './regulariser.ts';

/** A layer whose activations are held within 0 … θ, θ = p·largest, p a learned number of this name. */
export interface ClippedLayer {
  /** The node behind which it is held. */
  readonly node: string;
  readonly p: string;
  readonly largest: number;
}

/** Keeps a batch in which nothing is above 0 from dividing by it. */
const LEAST = 1e-12;

/**
 * strength·Σ ‖r‖₁/(T·‖r‖₂²) over layers, r = z/θ the rates of a batch: what the squared error of rates counted over T
 * steps is at most beside the rates, since a count falls short of T·r by less than 1 and not by more than T·r.
 */
export function rateError(layers: readonly ClippedLayer[], steps: number, strength: number): Regulariser {
  return ({ signals, parameters }) =>
    layers
      .map(({ node, p, largest }) => {
        const z = signals.get(node)!.rows;
        const share = divide(sumTo(z, []), maximum(sumOfSquares(z), filled([], LEAST)));
        return scale(multiply(share, parameters.get(p)!), (strength * largest) / steps);
      })
      .reduce(add);
}
