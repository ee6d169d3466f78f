import { formatShape, SpikewireError, tensor } from '@spikewire/models';
import { convolve } from '../../graph/convolution.ts';
import type { LayerKind } from '../layer.ts';

/** `12C5`: 12 channels, a kernel of 5×5, stride 1, no padding. */
export const convolution: LayerKind = {
  example: '12C5',
  pattern: /^(\d+)C(\d+)$/,
  make(name, [word, channelCount, kernelSize], inputShape) {
    const [channels, kernel] = [Number(channelCount), Number(kernelSize)];
    const [inputs, height, width] = inputShape as [number, number, number];
    if (inputShape.length !== 3 || kernel > height || kernel > width) {
      const problem = `gets shape ${formatShape(inputShape)}`;
      throw new SpikewireError(
        'usage',
        `layer ${word}`,
        problem,
        `images [channels, height, width] of at least ${kernel}×${kernel}`,
      );
    }
    const shape = [channels, inputs, kernel, kernel];
    return {
      name,
      inputShape,
      outputShape: [channels, height - kernel + 1, width - kernel + 1],
      parameters: [
        { key: 'weight', shape, fanIn: inputs * kernel * kernel },
        { key: 'bias', shape: [channels], fanIn: 0 },
      ],
      feedsNeurons: true,
      connect: (input, { weight, bias }) => convolve(input, weight!, bias!),
      toNodes: ({ weight, bias }) => [
        ['', { type: 'Conv2d', parameters: { weight: tensor(weight!, shape), bias: tensor(bias!) } }],
      ],
    };
  },
};
