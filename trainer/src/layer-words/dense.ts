import { elementCount, type GraphNode, tensor } from '@spikewire/models';
import type { LayerSite, LayerWord } from './word.ts';

/** Every input to each of 256 neurons. */
export const dense: LayerWord = {
  example: '256',
  summary: '256 neurons, each with every input',
  pattern: /^(\d+)$/,
  write(site, [, size]) {
    appendAffine(site, Number(size));
    site.appendNeurons();
    return [Number(size)];
  },
};

/** Weights from every input to so many outputs, and their biases. */
export function appendAffine(site: LayerSite, outputs: number): void {
  const inputs = elementCount(site.inputShape);
  if (site.inputShape.length > 1) site.append('.flat', flatten);
  const weight = site.weights('', [outputs, inputs], inputs);
  const biases = site.biases(outputs);
  site.append('', { type: biases.bias === undefined ? 'Linear' : 'Affine', parameters: { weight, ...biases } });
}

const flatten: GraphNode = {
  type: 'Flatten',
  parameters: { start_dim: tensor(Float64Array.of(0)), end_dim: tensor(Float64Array.of(-1)) },
};
