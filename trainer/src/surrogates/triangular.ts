import { filled, maximum, scale } from '../graph/operations/elementwise.ts';
import { absolute } from '../graph/operations/functions.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { kind } from '../kinds/kind.ts';

/** A triangle that reaches from −1 to 1, of area γ. */
export const triangular = kind({
  name: 'triangular',
  summary: 'γ·max(0, 1 − |x|) (Rathi and Roy 2020, DIET-SNN)',
  parameters: { height: { doc: 'γ', form: 'number', default: 0.3, above: 0 } },
  prepare: ({ height }): Surrogate => ({
    slope: (x) => scale(maximum(scale(absolute(x), -1, 1), filled([], 0)), height),
    soft(x) {
      const inside = Math.min(Math.abs(x), 1);
      return 0.5 + Math.sign(x) * height * (inside - inside ** 2 / 2);
    },
  }),
});
