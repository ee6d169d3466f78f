import { formatShape, type Shape, SpikewireError, tensor } from '@spikewire/models';
import type { LayerSite, LayerWord } from '../word.ts';

/** Means of windows that lie side by side; no neurons follow. */
export const pooling: LayerWord = {
  example: 'P2',
  summary: 'means of windows of 2×2',
  pattern: /^P(\d+)$/,
  write: (site, [word, size]) => appendWindows(site, word, Number(size), 'AvgPool2d'),
};

/** Of each window the element of which most has arrived; no neurons follow. */
export const maxPooling: LayerWord = {
  example: 'M2',
  summary: 'maxima of windows of 2×2, of spikes by their count',
  pattern: /^M(\d+)$/,
  write: (site, [word, size]) => appendWindows(site, word, Number(size), 'MaxPool2d'),
};

function appendWindows(site: LayerSite, word: string, size: number, type: string): Shape {
  const [channels, height, width] = site.inputShape as [number, number, number];
  if (site.inputShape.length !== 3 || height % size !== 0 || width % size !== 0) {
    const expected = `images whose height and width are multiples of ${size}`;
    throw new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(site.inputShape)}`, expected);
  }
  const window = tensor(Float64Array.of(size, size));
  site.append('', { type, parameters: { kernel_size: window, stride: window } });
  return [channels, height / size, width / size];
}
