import { divide, multiply, scale, subtract } from './elementwise.ts';
import type { Operation } from './operation.ts';
import { sumTo } from './sums.ts';
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
  /**
   * The surrogate takes by what share of the threshold the membrane is above it, x = v/θ − 1, in the place of v − θ. It
   * is then the derivative by v/θ.
   */
  readonly relative?: boolean;
}

/** s = [v > θ]; ∂s/∂v is the surrogate's slope h at v − θ, ∂s/∂θ its negative; relative: h(x)/θ and −h(x)·v/θ². */
const spiking: Operation<SpikeAttributes> = {
  name: 'spike',
  sparse: 'always',
  shapes: ([membrane]) => [membrane!],
  gradient({ inputs: [v, threshold], attributes: { surrogate, relative } }, [g], [, learnsThreshold]) {
    const share = relative ? divide(v!, threshold!) : undefined;
    const slope = surrogate.slope(share === undefined ? subtract(v!, threshold!) : scale(share, 1, -1));
    const ofMembrane = multiply(g!, share === undefined ? slope : divide(slope, threshold!));
    const ofThreshold = scale(share === undefined ? ofMembrane : multiply(ofMembrane, share), -1);
    return [ofMembrane, learnsThreshold ? sumTo(ofThreshold, threshold!.shape) : undefined];
  },
  lower(onnx, inputs, { attributes: { comparison } }) {
    return [onnx.emit('Cast', [onnx.emit(comparison === 'gt' ? 'Greater' : 'GreaterOrEqual', inputs)], { to: 1 })];
  },
  evaluate([v, threshold], { attributes: { comparison, surrogate, smooth, relative } }) {
    return [
      v!.map((membrane, i) => {
        const theta = threshold![i % threshold!.length]!;
        if (smooth) return surrogate.soft(relative ? membrane / theta - 1 : membrane - theta);
        return Number(comparison === 'gt' ? membrane > theta : membrane >= theta);
      }),
    ];
  },
};

/** Spikes of membranes [rows, …]; the threshold may be a scalar, one per neuron, or as large as the membranes. */
export function spike(membrane: Value, threshold: Value, attributes: SpikeAttributes): Value {
  return applyOne(spiking, [membrane, threshold], attributes);
}

/**
 * What stands for the derivative of a spike, which is 0 nearly everywhere. x = v − θ is how far the membrane is above
 * the threshold.
 */
export interface Surrogate {
  /** h(x), element by element. */
  slope(x: Value): Value;
  /**
   * A function whose derivative is h, with soft(0) = ½: the soft spike behind the surrogate, by which checks hold it.
   */
  soft(x: number): number;
}
