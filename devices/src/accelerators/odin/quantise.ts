import type { Chip } from './chips.ts';

/** What a neuron of a model becomes on a chip. */
export interface CellFit {
  /** 1 … `threshold` of the chip: it spikes where the membrane is that or more. */
  readonly threshold: number;
  /** Taken from the membrane at each step. */
  readonly leak: number;
  /** One on the chip's membrane, in the model's. */
  readonly unit: number;
  /** Largest error of a weight, relative to the largest weight. */
  readonly error: number;
  /** The threshold of the model, relative to the largest weight; 0 where no weight leads here. */
  readonly reach: number;
  /** A weight of the model as one of the chip. */
  round(weight: number): number;
}

/**
 * The scale of a neuron at which its weights lie nearest to whole numbers. Each neuron has its own, since it has a
 * threshold of its own. The model's membrane decays by a share; the chip takes away a constant, which is what the
 * model loses at half the threshold.
 *
 * @param weights what each synapse adds to the membrane, of either sign
 * @param decay share of the membrane that is left after a step, 0 … 1
 */
export function fitCell(
  chip: Chip,
  weights: readonly number[],
  threshold: number,
  comparison: 'gt' | 'ge',
  decay: number,
): CellFit {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const leak = ((1 - decay) * threshold) / 2;
  const candidates = Array.from({ length: chip.weight }, (_, k) => {
    const wanted = largest > 0 ? (chip.weight - k) / largest : Number.POSITIVE_INFINITY;
    const scale = Math.min(wanted, (chip.threshold - 1) / threshold);
    const error = largest > 0 ? worstOf(chip, weights, scale) / largest : 0;
    const leakError = largest > 0 ? Math.abs(Math.round(leak * scale) / scale - leak) / largest : 0;
    return { scale, error, cost: error + leakError };
  });
  const { scale, error } = candidates.reduce((best, next) => (next.cost < best.cost - 1e-9 ? next : best));
  const exact = scale * threshold;
  return {
    threshold: Math.max(1, comparison === 'ge' ? Math.ceil(exact - 1e-9) : Math.floor(exact + 1e-9) + 1),
    leak: Math.min(chip.leak, Math.round(leak * scale)),
    unit: 1 / scale,
    error,
    reach: largest > 0 ? threshold / largest : 0,
    round: (weight) => rounded(chip, weight * scale),
  };
}

/** The largest `reach` at which the largest weight is not rounded to 0: there it is half of what the chip adds. */
export function furthestReach({ threshold }: Chip): number {
  return 2 * (threshold - 1);
}

function worstOf(chip: Chip, weights: readonly number[], scale: number): number {
  return weights.reduce((worst, weight) => {
    return Math.max(worst, Math.abs(rounded(chip, weight * scale) / scale - weight));
  }, 0);
}

function rounded({ weight }: Chip, exact: number): number {
  return Math.max(-weight, Math.min(weight, Math.round(exact)));
}
