import { appendAffine } from './dense.ts';
import { type LayerWord, NEURONS } from './word.ts';

/** A dense layer whose spikes come back to it a step later, through weights of their own. */
export const recurrent: LayerWord = {
  example: 'R64',
  summary: '64 neurons, each with every input and, a step later, with every one of them',
  pattern: /^R(\d+)$/,
  write(site, [, count]) {
    const size = Number(count);
    appendAffine(site, size);
    site.appendNeurons();
    const weight = site.weights('.recurrent', [size, size], size);
    site.branch(NEURONS, '.recurrent', { type: 'Linear', parameters: { weight } }, NEURONS);
    return [size];
  },
};
