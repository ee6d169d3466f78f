import { numbersOf } from '../graph/parameter.ts';
import { broadcast, elementCount } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { AllButOneConnectivity } from './connectivity.ts';

/**
 * y_j = w_j·Σ_{i ≠ j} x_i: every input to every output but its own, as in the lateral inhibition of Diehl and Cook
 * (2015). Computed as w_j·(Σ x − x_j) from one weight per output: memory and time grow with the outputs and not with
 * their square.
 */
export const allButOne: ConnectionKind = {
  type: 'AllButOne',
  role: 'connection',
  examples: [{ node: { weight: [0.5, 0.25, -0.5] }, input: [3] }],
  parameters: { weight: { doc: 'weight of each output, or one for all', form: 'elements' } },
  inputShape(node) {
    const weight = numbersOf(node, 'weight')!;
    return weight.data.length > 1 ? weight.shape : undefined;
  },
  outputShape: (_node, input) => input,
  synapseCount: (_node, input) => elementCount(input) * (elementCount(input) - 1),
  connect(node, input): AllButOneConnectivity {
    const size = elementCount(input);
    return {
      structure: 'all-but-one',
      inputs: size,
      outputs: size,
      weights: broadcast(numbersOf(node, 'weight')!, size),
      gain: 1,
      bias: undefined,
      groupOf: (output) => output,
      forEachSynapse(input, visit) {
        for (let output = 0; output < size; output++) if (output !== input) visit(output, output);
      },
    };
  },
};
