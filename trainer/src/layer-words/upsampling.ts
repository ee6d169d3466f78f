import { tensor } from '@spikewire/models';
import { axesOf } from './axes.ts';
import type { LayerWord } from './word.ts';

/** Every element in blocks; no neurons follow. */
export const upsampling: LayerWord = {
  example: 'U2',
  summary: 'every element in a block of 2×2 (of 2)',
  pattern: /^U(\d+)$/,
  slides: true,
  write(site, [word, factor]) {
    const [channels, ...sizes] = site.inputShape as readonly [number, ...number[]];
    const scale = tensor(Float64Array.of(Number(factor)));
    site.append('', { type: `Upsample${axesOf(site, word)}d`, parameters: { scale_factor: scale } });
    return [channels, ...sizes.map((length) => length * Number(factor))];
  },
};
