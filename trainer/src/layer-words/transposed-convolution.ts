import { tensor } from '@spikewire/models';
import { axesOf } from './axes.ts';
import type { LayerWord } from './word.ts';

/** Every element in a block of weights, which lie side by side. */
export const transposedConvolution: LayerWord = {
  example: '12T2',
  summary: '12 channels, to which every element of all before brings a block of 2×2 (of 2): a transposed convolution',
  pattern: /^(\d+)T(\d+)$/,
  slides: true,
  write(site, [word, channels, factor]) {
    const [inputs, ...sizes] = site.inputShape as readonly [number, ...number[]];
    const [outputs, size] = [Number(channels), Number(factor)];
    const axes = axesOf(site, word);
    const weight = site.weights('', [outputs, inputs, ...sizes.map(() => size)], inputs);
    const parameters = { weight, ...site.biases(outputs), stride: tensor(Float64Array.of(size)) };
    site.append('', { type: `ConvTranspose${axes}d`, parameters });
    site.appendNeurons();
    return [outputs, ...sizes.map((length) => length * size)];
  },
};
