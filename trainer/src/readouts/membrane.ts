import { scalar } from '@spikewire/models';
import { scale } from '../graph/elementwise.ts';
import { sumOverTime } from '../graph/time.ts';
import { decayOf, resistanceOf } from '../network/neurons.ts';
import type { ReadOut } from './read-out.ts';

/**
 * Mean membrane of leaky integrators that do not spike (NIR `LI`). Linear in the current: the current of step j is in the
 * membranes of steps j, j + 1, … with 1, β, β², …, which is a weighted sum over the steps.
 */
export const membrane: ReadOut = {
  name: 'membrane',
  logits(current, held, recipe, { steps }) {
    const decay = decayOf(recipe);
    const weights = Array.from({ length: steps }, (_, step) => (1 - decay ** (steps - step)) / (1 - decay));
    const means = weights.map((weight) => weight / steps);
    return held
      ? scale(
          current,
          means.reduce((a, b) => a + b, 0),
        )
      : sumOverTime(current, means);
  },
  node: (recipe) => ({
    type: 'LI',
    parameters: { tau: scalar(recipe.tau), r: scalar(resistanceOf(recipe)), v_leak: scalar(0) },
  }),
};
