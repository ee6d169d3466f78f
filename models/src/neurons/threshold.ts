import { fire, prepareFiring } from './firing.ts';
import type { NeuronKind } from './neuron-kind.ts';

/**
 * Threshold without memory (NIR `Threshold`): z = H(I − θ), a spike in every step in which what arrives is above θ
 * (`ge`: at or above). Its `v` is what arrived in this step, 0 after a spike.
 */
export const threshold: NeuronKind = {
  type: 'Threshold',
  role: 'neuron',
  examples: [{ node: { threshold: 0.7 }, dt: 1e-3, weight: 1 }],
  emits: 'spikes',
  fixed: { reset: 'value', spikesPerStep: 'one' },
  parameters: { threshold: { doc: 'threshold θ', form: 'elements' } },

  prepare(node, size, semantics) {
    const firing = prepareFiring(node, size, semantics, 'threshold');
    const resting = new Float64Array(size);
    return {
      initial: { v: new Float64Array(size) },
      constants: [firing, resting],
      step(i, [current], { v }) {
        v![i] = current![i]!;
        return fire(firing, i, v!, resting);
      },
    };
  },

  linear(node, size, semantics) {
    return {
      decay: new Float64Array(size),
      gain: new Float64Array(size).fill(1),
      bias: new Float64Array(size),
      firing: prepareFiring(node, size, semantics, 'threshold'),
      initial: { v: new Float64Array(size) },
    };
  },
};
