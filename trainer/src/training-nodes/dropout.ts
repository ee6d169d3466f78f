import type { ResolvedGraph } from '@spikewire/models';
import { multiply } from '../graph/operations/elementwise.ts';
import type { Value } from '../graph/operations/value.ts';
import type { LayerWord } from '../layer-words/word.ts';
import { type TrainingNode, unchanged } from '../lowering/training-node.ts';

/** A share of what the layer before emits, silenced. */
export const dropout: LayerWord = {
  example: 'drop0.2',
  summary: 'a fifth of the elements before it, silent for a sample while the net learns',
  pattern: /^drop(0?\.\d+)$/,
  write(site, [, rate]) {
    site.behind(dropoutNode(Number(rate)));
    return site.inputShape;
  },
};

/**
 * Dropout (Srivastava et al. 2014): a share `rate` of all elements is silent for a sample, the others count 1/(1 −
 * rate). One mask holds for all steps of a sample (Lee et al. 2020, Enabling spike-based backpropagation for training
 * deep neural network architectures): masks that change in every step only thin out the spikes of every neuron.
 */
export function dropoutNode(rate: number): TrainingNode {
  return {
    type: 'dropout',
    arrays: (shape) => ({ mask: { shape, start: 1, changedBy: 'generator' } }),
    lower(array, learns) {
      if (!learns) return unchanged;
      const step = (value: Value) => multiply(value, array('mask'));
      return { step, over: (signal) => signal.mapSteps(step) };
    },
    draw(array, random) {
      const [mask, kept] = [array('mask'), 1 / (1 - rate)];
      for (let k = 0; k < mask.length; k++) mask[k] = random.nextUniform() < rate ? 0 : kept;
    },
  };
}

/** The populations that others learn from: all but those that lead to nothing but an Output. */
export function hiddenPopulations({ nodes, edges }: ResolvedGraph): string[] {
  return nodes.flatMap(({ name, kind }, index) => {
    const leadsOn = edges.some(({ source, target }) => source === index && nodes[target]!.kind.role !== 'output');
    return kind.role === 'neuron' && leadsOn ? [name] : [];
  });
}
