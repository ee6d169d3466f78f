import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import { elementCount, type Shape } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { connectCopies } from './copying.ts';

function placeOf(node: GraphNode, input: Shape): { readonly channels: number; readonly start: number } {
  const [channels, start] = [numbersOf(node, 'channels')!.data[0]!, numbersOf(node, 'start')?.data[0] ?? 0];
  if (input.length > 0 && start + input[0]! <= channels) return { channels, start };
  const problem = `puts ${input[0] ?? 0} channels at ${start}`;
  throw new SpikewireError('graph', 'Concat', problem, `channels that end within ${channels}`);
}

/**
 * One part of a concatenation along the first dimension: its channels become those from `start` on of `channels`, the
 * others are silent. Each source has a node of its own, and all of them lead to the same nodes; what arrives over
 * several edges adds up, which is then the whole.
 */
export const concat: ConnectionKind = {
  type: 'Concat',
  role: 'connection',
  examples: [{ node: { channels: 5, start: 2 }, input: [2, 3] }],
  parameters: {
    channels: { doc: 'channels of the whole', form: 'integer', minimum: 1 },
    start: { doc: 'the first of them that is of this part', form: 'integer', default: 0, minimum: 0 },
  },
  inputShape: () => undefined,
  outputShape: (node, input) => [placeOf(node, input).channels, ...input.slice(1)],
  connect(node, input) {
    const { channels, start } = placeOf(node, input);
    const [size, pixels] = [elementCount(input), elementCount(input.slice(1))];
    const sourceOf = (output: number) => output - start * pixels;
    return connectCopies(size, channels * pixels, (output) => (sourceOf(output) < size ? sourceOf(output) : -1));
  },
};
