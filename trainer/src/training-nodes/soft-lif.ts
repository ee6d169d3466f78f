import { add, filled, maximum, scale, subtract } from '../graph/operations/elementwise.ts';
import { logarithm, reciprocal, rectifier, softplus } from '../graph/operations/functions.ts';
import type { Value } from '../graph/operations/value.ts';
import type { TrainingNode } from '../lowering/training-node.ts';

export interface SoftLif {
  /** Time constants of rest and membrane, in seconds. */
  readonly tauRef: number;
  readonly tauRc: number;
  /** γ, how far the corner at the threshold is rounded. */
  readonly gamma: number;
  /** Standard deviation of what is added to a rate while it is learned, in Hz. */
  readonly noise: number;
}

/** Below it ρ is taken for it, so that its logarithm stays finite in single precision. */
const LEAST = 1e-30;

/** The rate in Hz of a neuron at x = 1, which counts as an activation of 1. */
export function unitRate({ tauRef, tauRc }: Pick<SoftLif, 'tauRef' | 'tauRc'>): number {
  return 1 / (tauRef + tauRc * Math.LN2);
}

/**
 * r(x)/r(1) of a leaky neuron of threshold 1 with a constant current of 1 besides x: r = [τ_ref + τ_RC·ln(1 + 1/ρ)]⁻¹
 * with ρ(x) = γ·ln(1 + e^(x/γ)) in the place of max(0, x) (Hunsberger and Eliasmith 2015).
 */
export function softLifRate(x: Value, neuron: Omit<SoftLif, 'noise'>): Value {
  const { tauRef, tauRc, gamma } = neuron;
  const rho = maximum(scale(softplus(scale(x, 1 / gamma)), gamma), filled([], LEAST));
  const wait = subtract(logarithm(scale(rho, 1, 1)), logarithm(rho));
  const unit = unitRate(neuron);
  return reciprocal(scale(wait, tauRc * unit, tauRef * unit));
}

/** What a population's rate is taken for while it learns, with the noise that its spikes will have. */
export function softLifNode(neuron: SoftLif): TrainingNode {
  return {
    type: 'soft-lif',
    arrays: (shape) => ({ noise: { shape, start: 0, changedBy: 'generator' } }),
    lower(array, learns) {
      const rate = (x: Value) => softLifRate(x, neuron);
      const noisy = (x: Value) => rectifier(add(rate(x), array('noise')));
      const step = learns ? noisy : rate;
      return { step, over: (signal) => signal.mapSteps(step) };
    },
    draw(array, random) {
      const noise = array('noise');
      for (let k = 0; k < noise.length; k++) noise[k] = (neuron.noise / unitRate(neuron)) * random.nextNormal();
    },
  };
}
