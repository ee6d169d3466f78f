import { multiply, scale, subtract } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { sumTo } from './sums.ts';
import type { Surrogate } from './surrogate.ts';
import { applyOne, type Value } from './value.ts';

/** How a membrane becomes spikes, and what stands for the derivative, which is 0 nearly everywhere. */
export interface SpikeAttributes {
  /** A spike where v > θ or v ≥ θ. */
  readonly comparison: 'gt' | 'ge';
  readonly surrogate: Surrogate;
  /**
   * Emits the surrogate's soft spike: all is then smooth, so that finite differences can check gradients. Not for ONNX.
   */
  readonly smooth?: boolean;
}

/** s = [v > θ]; ∂s/∂v is the surrogate's slope at v − θ, ∂s/∂θ its negative. */
const spiking: Operation<SpikeAttributes> = {
  name: 'spike',
  sparse: 'always',
  shapes: ([membrane]) => [membrane!],
  gradient({ inputs: [v, threshold], attributes: { surrogate } }, [g], [, learnsThreshold]) {
    const ofMembrane = multiply(g!, surrogate.slope(subtract(v!, threshold!)));
    return [ofMembrane, learnsThreshold ? sumTo(scale(ofMembrane, -1), threshold!.shape) : undefined];
  },
  lower(onnx, inputs, { attributes: { comparison } }) {
    return [onnx.emit('Cast', [onnx.emit(comparison === 'gt' ? 'Greater' : 'GreaterOrEqual', inputs)], { to: 1 })];
  },
  evaluate([v, threshold], { attributes: { comparison, surrogate, smooth } }) {
    return [
      v!.map((membrane, i) => {
        const theta = threshold![i % threshold!.length]!;
        if (smooth) return surrogate.soft(membrane - theta);
        return Number(comparison === 'gt' ? membrane > theta : membrane >= theta);
      }),
    ];
  },
};

/** Spikes of membranes [rows, …]; the threshold may be a scalar, one per neuron, or as large as the membranes. */
export function spike(membrane: Value, threshold: Value, attributes: SpikeAttributes): Value {
  return applyOne(spiking, [membrane, threshold], attributes);
}
