import { multiply, scale } from '../graph/operations/elementwise.ts';
import { absolute, reciprocal } from '../graph/operations/functions.ts';
import type { Surrogate } from '../graph/operations/spike.ts';
import { kind } from '../kinds/kind.ts';

/** h(x) = height/(1 + slope·|x|)². */
function hyperbolic(slope: number, height: number): Surrogate {
  return {
    slope(x) {
      const root = reciprocal(scale(absolute(x), slope, 1));
      return scale(multiply(root, root), height);
    },
    soft: (x) => 0.5 + (height * x) / (1 + slope * Math.abs(x)),
  };
}

/** Area 1. */
export const fastSigmoid = kind({
  name: 'fast-sigmoid',
  summary: 'k/2/(1 + k|x|)², the derivative of the fast sigmoid ½·(1 + kx/(1 + k|x|))',
  parameters: { slope: { doc: 'k', form: 'number', default: 4, above: 0 } },
  prepare: ({ slope }) => hyperbolic(slope, slope / 2),
});

/** Height 1. */
export const superSpike = kind({
  name: 'superspike',
  summary: '1/(1 + β|x|)² (Zenke and Ganguli 2018, section 3.3)',
  parameters: { slope: { doc: 'β', form: 'number', default: 10, above: 0 } },
  prepare: ({ slope }) => hyperbolic(slope, 1),
});
