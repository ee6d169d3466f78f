import { numbersOf } from '../graph/parameter.ts';
import { elementCount } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { connectElementwise } from './elementwise.ts';

/**
 * y(t) = x(t − delay) (NIR `Delay`), rounded to whole steps; 0 before the start, and a delay of 0 passes at once. It is
 * dissolved before a graph runs (`resolve/delays.ts`): what all elements have in common becomes a delay of the edges
 * that leave it.
 */
export const delay: ConnectionKind = {
  type: 'Delay',
  role: 'connection',
  examples: [{ node: { delay: [0, 0.001, 0.003] }, input: [3] }],
  parameters: {
    delay: { doc: 'time by which each element passes late', unit: 's', form: 'elements', minimum: 0 },
  },
  inputShape(node) {
    const { data, shape } = numbersOf(node, 'delay')!;
    return data.length > 1 ? shape : undefined;
  },
  outputShape: (_node, input) => input,
  connect: (_node, input) => connectElementwise(elementCount(input)),
};
