import { multiply } from '../graph/operations/elementwise.ts';
import type { Constraint, ConstraintSite } from './constraint.ts';

/** Share of all steps after which no more weights are taken away. */
const END = 1 / 3;

/**
 * The smallest weights of each connection, taken away for good: at progress p a share·(1 − (1 − p/⅓)³) of them is 0, up
 * to the whole share after a third of the steps (Zhu and Gupta 2017, To prune, or not to prune, eq. 1). What has been
 * taken away does not come back, and biases stay.
 */
export function pruning(share: number, { learned: parameters }: ConstraintSite): Constraint {
  const held = parameters.filter(({ key }) => key === 'weight');
  return {
    key: 'mask',
    shapes: new Map(held.map(({ name, shape }) => [name, shape])),
    lower: (_, weights, mask) => multiply(weights, mask),
    set({ array, learned, progress }) {
      const wanted = share * (1 - (1 - Math.min(1, progress / END)) ** 3);
      for (const { name } of held) silence(array(name), learned(name), wanted);
    },
    pending: (progress) => progress < END,
    fold: (weights, mask) => weights.map((weight, k) => weight * mask[k]!),
  };
}

/** Sets a share of a mask to 0: what is 0 already, and the smallest weights besides. */
function silence(mask: Float32Array, weights: Float32Array, share: number): void {
  const count = Math.floor(share * mask.length);
  // Nothing to sort where so many are gone already, as ever after the end.
  if (mask.reduce((gone, held) => gone + Number(held === 0), 0) >= count) return;
  const size = (k: number) => mask[k]! * Math.abs(weights[k]!);
  const bySize = Uint32Array.from(mask, (_, k) => k).sort((a, b) => mask[a]! - mask[b]! || size(a) - size(b) || a - b);
  for (const k of bySize.subarray(0, count)) mask[k] = 0;
}
