import { formatShape, SpikewireError, tensor } from '@spikewire/models';
import type { LayerWord } from '../word.ts';

/** A kernel of 5×5, stride 1, no padding. */
export const convolution: LayerWord = {
  example: '12C5',
  summary: '12 channels, each with a kernel of 5×5 over all before',
  pattern: /^(\d+)C(\d+)$/,
  write(site, [word, channelCount, kernelSize]) {
    const [channels, kernel] = [Number(channelCount), Number(kernelSize)];
    const [inputs, height, width] = site.inputShape as [number, number, number];
    if (site.inputShape.length !== 3 || kernel > height || kernel > width) {
      const expected = `images [channels, height, width] of at least ${kernel}×${kernel}`;
      throw new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(site.inputShape)}`, expected);
    }
    const weight = site.weights('', [channels, inputs, kernel, kernel], inputs * kernel * kernel);
    site.append('', { type: 'Conv2d', parameters: { weight, bias: tensor(new Float32Array(channels)) } });
    site.appendNeurons();
    return [channels, height - kernel + 1, width - kernel + 1];
  },
};
