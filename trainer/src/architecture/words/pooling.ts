import { formatShape, SpikewireError, tensor } from '@spikewire/models';
import type { LayerWord } from '../word.ts';

/** Means of windows that lie side by side; no neurons follow. */
export const pooling: LayerWord = {
  example: 'P2',
  summary: 'means of windows of 2×2',
  pattern: /^P(\d+)$/,
  write(site, [word, windowSize]) {
    const size = Number(windowSize);
    const [channels, height, width] = site.inputShape as [number, number, number];
    if (site.inputShape.length !== 3 || height % size !== 0 || width % size !== 0) {
      const expected = `images whose height and width are multiples of ${size}`;
      throw new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(site.inputShape)}`, expected);
    }
    const window = tensor(Float64Array.of(size, size));
    site.append('', { type: 'AvgPool2d', parameters: { kernel_size: window, stride: window } });
    return [channels, height / size, width / size];
  },
};
