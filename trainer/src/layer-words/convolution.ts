import { formatShape, type Shape, SpikewireError } from '@spikewire/models';
import type { LayerSite, LayerWord } from './word.ts';

/** A kernel of 5×5 over images, of 5 over signals; stride 1, no padding. */
export const convolution: LayerWord = {
  example: '12C5',
  summary: '12 channels, each with a kernel of 5×5 over all before (of 5 where these are signals and no images)',
  pattern: /^(\d+)C(\d+)$/,
  slides: true,
  write(site, [word, channels, kernel]) {
    const sizes = site.inputShape.slice(1);
    if (sizes.some((size) => size < Number(kernel))) throw unfit(site, word, Number(kernel));
    appendConvolution(site, word, Number(channels), Number(kernel), 'valid');
    return [Number(channels), ...sizes.map((size) => size - Number(kernel) + 1)];
  },
};

/** The same with zeros around, so that the size stays. */
export const sameConvolution: LayerWord = {
  example: '12C5=',
  summary: '12C5 with zeros around, so that height and width stay',
  pattern: /^(\d+)C(\d+)=$/,
  slides: true,
  write(site, [word, channels, kernel]) {
    appendConvolution(site, word, Number(channels), Number(kernel), 'same');
    return [Number(channels), ...site.inputShape.slice(1)];
  },
};

function appendConvolution(site: LayerSite, word: string, channels: number, kernel: number, padding: string): void {
  const [inputs, ...sizes] = site.inputShape as readonly [number, ...number[]];
  const axes = sizes.length;
  if (axes < 1 || axes > 2) throw unfit(site, word, kernel);
  const weight = site.weights('', [channels, inputs, ...sizes.map(() => kernel)], inputs * kernel ** axes);
  const parameters = { weight, ...site.biases(channels), ...(padding === 'same' && { padding }) };
  site.append('', { type: `Conv${axes}d`, parameters });
  site.appendNeurons();
}

function unfit({ inputShape }: { readonly inputShape: Shape }, word: string, kernel: number): SpikewireError {
  const images = `images [channels, height, width] of at least ${kernel}×${kernel}`;
  const expected = `${images}, or signals [channels, length] of ${kernel}`;
  return new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(inputShape)}`, expected);
}
