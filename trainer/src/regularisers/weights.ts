import { add, scale } from '../graph/operations/elementwise.ts';
import { sumOfSquares } from '../graph/operations/squares.ts';
import { kind } from '../kinds/kind.ts';
import type { Regulariser } from './regulariser.ts';

/** strength/2·Σw² over all weights. */
export const weights = kind({
  name: 'weights',
  summary: 'keeps weights small (Krogh and Hertz 1991)',
  parameters: { strength: { doc: 'weight beside the loss', form: 'number', default: 1e-4, minimum: 0 } },
  prepare:
    ({ strength }): Regulariser =>
    ({ parameters }) => {
      const squares = [...parameters].flatMap(([name, value]) =>
        name.endsWith('.weight') ? [sumOfSquares(value)] : [],
      );
      return scale(squares.reduce(add), strength / 2);
    },
});
