import { elementCount, tensor } from '@spikewire/models';
import { affine } from '../../graph/linear.ts';
import { reshape } from '../../graph/reshape.ts';
import type { LayerKind } from '../layer.ts';

/** `256`: every input to each of 256 neurons. */
export const dense: LayerKind = {
  example: '256',
  pattern: /^(\d+)$/,
  make(name, [, size], inputShape) {
    const [inputs, outputs] = [elementCount(inputShape), Number(size)];
    return {
      name,
      inputShape,
      outputShape: [outputs],
      parameters: [
        { key: 'weight', shape: [outputs, inputs], fanIn: inputs },
        { key: 'bias', shape: [outputs], fanIn: 0 },
      ],
      feedsNeurons: true,
      connect(input, { weight, bias }) {
        const flat = input.shape.length === 2 ? input : reshape(input, [input.shape[0]!, inputs]);
        return affine(flat, weight!, bias!);
      },
      toNodes({ weight, bias }) {
        const parameters = { weight: tensor(weight!, [outputs, inputs]), bias: tensor(bias!) };
        const map = ['', { type: 'Affine', parameters }] as const;
        return inputShape.length === 1 ? [map] : [['.flat', flatten], map];
      },
    };
  },
};

const flatten = {
  type: 'Flatten',
  parameters: { start_dim: tensor(Float64Array.of(0)), end_dim: tensor(Float64Array.of(-1)) },
};
