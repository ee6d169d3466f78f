import { multiply, scale } from '../graph/operations/elementwise.ts';
import { quotientOf } from '../graph/operations/functions.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { kind } from '../kinds/kind.ts';

/** Area 1. */
export const arctan = kind({
  name: 'arctan',
  summary: 'α/2/(1 + (π/2·αx)²) (Fang et al. 2021, eq. 12)',
  parameters: { alpha: { doc: 'α', form: 'number', default: 2, above: 0 } },
  prepare({ alpha }): Surrogate {
    const stretch = (Math.PI / 2) * alpha;
    return {
      slope(x) {
        const stretched = scale(x, stretch);
        return quotientOf(alpha / 2, scale(multiply(stretched, stretched), 1, 1));
      },
      soft: (x) => 0.5 + Math.atan(stretch * x) / Math.PI,
    };
  },
});
