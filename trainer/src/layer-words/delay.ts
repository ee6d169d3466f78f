import { elementCount, tensor } from '@spikewire/models';
import type { LayerWord } from './word.ts';

/** What comes before arrives late, each element by its own delay, which stays; no neurons follow. */
export const delay: LayerWord = {
  example: 'D4',
  summary: 'what comes before, each element 0 to 4 steps late, drawn by the seed',
  // Samples have at most 10,000 steps.
  pattern: /^D(\d{1,4})$/,
  write(site, [, most]) {
    const random = site.random('.delay');
    const late = () => random.nextInteger(Number(most) + 1) * site.dt;
    const delays = Float64Array.from({ length: elementCount(site.inputShape) }, late);
    site.append('', { type: 'Delay', parameters: { delay: tensor(delays, site.inputShape) } });
    return site.inputShape;
  },
};
