import { formatShape, SpikewireError, tensor } from '@spikewire/models';
import type { LayerWord } from '../word.ts';

/** A kernel of 5×5 over images, of 5 over signals; stride 1, no padding. */
export const convolution: LayerWord = {
  example: '12C5',
  summary: '12 channels, each with a kernel of 5×5 over all before (of 5 where these are signals and no images)',
  pattern: /^(\d+)C(\d+)$/,
  slides: true,
  write(site, [word, channelCount, kernelSize]) {
    const [channels, kernel] = [Number(channelCount), Number(kernelSize)];
    const [inputs, ...sizes] = site.inputShape as readonly [number, ...number[]];
    const axes = sizes.length;
    if (axes < 1 || axes > 2 || sizes.some((size) => size < kernel)) {
      const images = `images [channels, height, width] of at least ${kernel}×${kernel}`;
      const expected = `${images}, or signals [channels, length] of ${kernel}`;
      throw new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(site.inputShape)}`, expected);
    }
    const weight = site.weights('', [channels, inputs, ...sizes.map(() => kernel)], inputs * kernel ** axes);
    site.append('', { type: `Conv${axes}d`, parameters: { weight, bias: tensor(new Float32Array(channels)) } });
    site.appendNeurons();
    return [channels, ...sizes.map((size) => size - kernel + 1)];
  },
};
