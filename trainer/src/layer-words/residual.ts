import { formatShape, SpikewireError } from '@spikewire/models';
import { appendAffine } from './dense.ts';
import { type LayerWord, NEURONS } from './word.ts';

/** A dense layer to whose neurons what it gets arrives as well, as it is. */
export const residual: LayerWord = {
  example: '+256',
  summary: '256 neurons behind 256, each with every input and its own one as it is',
  pattern: /^\+(\d+)$/,
  write(site, [word, size]) {
    if (site.inputShape.length !== 1 || site.inputShape[0] !== Number(size)) {
      throw new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(site.inputShape)}`, `[${size}]`);
    }
    appendAffine(site, Number(size));
    site.appendNeurons();
    site.skip(NEURONS);
    return site.inputShape;
  },
};
