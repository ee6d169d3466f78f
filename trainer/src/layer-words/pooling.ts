import { formatShape, type Shape, SpikewireError, tensor } from '@spikewire/models';
import { axesOf } from './axes.ts';
import type { LayerSite, LayerWord } from './word.ts';

/** Means of windows that lie side by side; no neurons follow. */
export const pooling: LayerWord = {
  example: 'P2',
  summary: 'means of windows of 2×2 (of 2)',
  pattern: /^P(\d+)$/,
  slides: true,
  write: (site, [word, size]) => appendWindows(site, word, Number(size), 'AvgPool'),
};

/** Means of windows, and a neuron for each, which spikes where they bring it to its threshold. */
export const spikingPooling: LayerWord = {
  example: 'P2S',
  summary: 'means of windows of 2×2, each with a neuron behind it',
  pattern: /^P(\d+)S$/,
  slides: true,
  write(site, [word, size]) {
    const shape = appendWindows(site, word, Number(size), 'AvgPool');
    site.appendNeurons();
    return shape;
  },
};

/** Of each window the element of which most has arrived; no neurons follow. */
export const maxPooling: LayerWord = {
  example: 'M2',
  summary: 'maxima of windows of 2×2 (of 2), of spikes by their count',
  pattern: /^M(\d+)$/,
  slides: true,
  write: (site, [word, size]) => appendWindows(site, word, Number(size), 'MaxPool'),
};

/** The mean of each channel over all places; no neurons follow. */
export const globalPooling: LayerWord = {
  example: 'G',
  summary: 'the mean of each channel over all of an image or signal',
  pattern: /^G$/,
  slides: true,
  write(site, [word]) {
    const [channels, ...sizes] = site.inputShape as readonly [number, ...number[]];
    site.append('', { type: `GlobalAvgPool${axesOf(site, word)}d`, parameters: {} });
    return [channels, ...sizes.map(() => 1)];
  },
};

function appendWindows(site: LayerSite, word: string, size: number, type: string): Shape {
  const [channels, ...sizes] = site.inputShape as readonly [number, ...number[]];
  const axes = sizes.length;
  if (axes < 1 || axes > 2 || sizes.some((length) => length % size !== 0)) {
    const expected = `images whose height and width are multiples of ${size}, or signals whose length is one`;
    throw new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(site.inputShape)}`, expected);
  }
  const window = tensor(Float64Array.from(sizes, () => size));
  site.append('', { type: `${type}${axes}d`, parameters: { kernel_size: window, stride: window } });
  return [channels, ...sizes.map((length) => length / size)];
}
