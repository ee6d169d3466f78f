import { filled, greater, scale } from '../graph/operations/elementwise.ts';
import { absolute } from '../graph/operations/functions.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { kind } from '../kinds/kind.ts';

export const rectangular = kind({
  name: 'rectangular',
  summary: '1/a for |x| < a/2, else 0 (Wu et al. 2018, h₁)',
  parameters: { width: { doc: 'a', form: 'number', default: 1, above: 0 } },
  prepare: ({ width }): Surrogate => ({
    slope: (x) => scale(greater(scale(absolute(x), -1), filled([], -width / 2)), 1 / width),
    soft: (x) => 0.5 + Math.max(-width / 2, Math.min(width / 2, x)) / width,
  }),
});
