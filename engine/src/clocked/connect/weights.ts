import type { TensorData } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import type { LearningPlan } from '../kernels/learning-kernels.ts';
import { PackedWeights, type Packing } from '../packed-weights.ts';
import { bytesOf } from '../sums.ts';
import type { ConnectionSite } from './lowering.ts';

/**
 * Lays out the weights of a connection; returns their address. `learning`: kernels that change them, where there are
 * some.
 */
export function placeWeights(
  draft: Draft,
  { index, connectivity }: Pick<ConnectionSite, 'index' | 'connectivity'>,
  packing: Packing,
  learning?: (address: number) => LearningPlan | undefined,
): number {
  const weights = connectivity.weights!;
  const { unit } = draft.placed.weightsOf(index);
  const address = packWeights(draft, packing, weights, unit);
  const { length } = weights;
  draft.weights.set(index, { index, length, packing, address, unit, learning: learning?.(address) });
  return address;
}

/** A copy of weights in memory, in units of `unit`. */
export function packWeights({ memory, form }: Draft, packing: Packing, weights: TensorData, unit: number): number {
  const { weight } = form;
  const address: number = memory.reserve(bytesOf[packing.format] * packing.length, (views) => {
    const packed = new PackedWeights(packing, address, views);
    packed.clear();
    for (let k = 0; k < weights.length; k++) packed.write(k, weight(weights[k]!) / unit);
  });
  return address;
}
