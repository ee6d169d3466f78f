import { formatShape, SpikewireError, tensor } from '@spikewire/models';
import { averagePool } from '../../graph/pooling.ts';
import type { LayerKind } from '../layer.ts';

/** `P2`: means of windows of 2×2 that lie side by side. */
export const pooling: LayerKind = {
  example: 'P2',
  pattern: /^P(\d+)$/,
  make(name, [word, windowSize], inputShape) {
    const size = Number(windowSize);
    const [channels, height, width] = inputShape as [number, number, number];
    if (inputShape.length !== 3 || size === 0 || height % size !== 0 || width % size !== 0) {
      const problem = `gets shape ${formatShape(inputShape)}`;
      throw new SpikewireError(
        'usage',
        `layer ${word}`,
        problem,
        `images whose height and width are multiples of ${size}`,
      );
    }
    const window = tensor(Float64Array.of(size, size));
    return {
      name,
      inputShape,
      outputShape: [channels, height / size, width / size],
      parameters: [],
      feedsNeurons: false,
      connect: (input) => averagePool(input, size),
      toNodes: () => [['', { type: 'AvgPool2d', parameters: { kernel_size: window, stride: window } }]],
    };
  },
};
