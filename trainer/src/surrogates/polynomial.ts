import { scale } from '../graph/operations/elementwise.ts';
import { absolute, rectifier } from '../graph/operations/functions.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { kind } from '../kinds/kind.ts';

/** A triangle of area 1. */
export const polynomial = kind({
  name: 'polynomial',
  summary: '√a/2 − a/4·|x| where positive (Wu et al. 2018, h₂)',
  parameters: { slope: { doc: 'a', form: 'number', default: 2, above: 0 } },
  prepare({ slope: a }): Surrogate {
    const reach = 2 / Math.sqrt(a);
    const height = Math.sqrt(a) / 2;
    return {
      slope: (x) => rectifier(scale(absolute(x), -a / 4, height)),
      soft(x) {
        const inside = Math.min(Math.abs(x), reach);
        return 0.5 + Math.sign(x) * (height * inside - (a / 8) * inside ** 2);
      },
    };
  },
});
