import { SpikewireError } from '../error.ts';
import { numbersOf } from '../graph/parameter.ts';
import { broadcast, elementCount, type Shape, sameShape, type TensorData } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { ElementwiseConnectivity } from './connectivity.ts';

/** A one-to-one map over `size` elements; without weights the identity, which is also what a bare edge is. */
export function connectElementwise(size: number, weights?: TensorData): ElementwiseConnectivity {
  return {
    structure: 'elementwise',
    inputs: size,
    outputs: size,
    weights,
    gain: 1,
    bias: undefined,
    groupOf: (output) => output,
    forEachSynapse: (input, visit) => visit(input, input),
  };
}

/** y = x ⊙ s (NIR `Scale`). */
export const scale: ConnectionKind = {
  type: 'Scale',
  role: 'connection',
  examples: [{ node: { scale: [0.5, 1, -0.25] }, input: [3] }],
  parameters: { scale: { doc: 'factor of each element', form: 'elements' } },
  inputShape(node) {
    const factors = numbersOf(node, 'scale')!;
    return factors.data.length > 1 ? factors.shape : undefined;
  },
  outputShape: (_node, input) => input,
  connect(node, input) {
    const size = elementCount(input);
    return connectElementwise(size, broadcast(numbersOf(node, 'scale')!, size));
  },
};

/** Joins the dimensions start_dim … end_dim into one (NIR `Flatten`); dimensions count without a batch. */
export const flatten: ConnectionKind = {
  type: 'Flatten',
  role: 'connection',
  examples: [{ node: {}, input: [2, 3] }],
  parameters: {
    start_dim: { doc: 'first dimension that is joined', form: 'integer', default: 0 },
    end_dim: { doc: 'last dimension that is joined, negative from the end', form: 'integer', default: -1 },
    input_type: { doc: 'shape of the input', form: 'integers', optional: true },
  },
  inputShape(node) {
    const declared = numbersOf(node, 'input_type');
    return declared === undefined ? undefined : Array.from(declared.data);
  },
  outputShape(node, input) {
    const start = numbersOf(node, 'start_dim')?.data[0] ?? 0;
    const end = numbersOf(node, 'end_dim')?.data[0] ?? -1;
    return flattenedShape(input, start, end);
  },
  connect: (_node, input) => connectElementwise(elementCount(input)),
};

function flattenedShape(input: Shape, start: number, end: number): Shape {
  const last = end < 0 ? input.length + end : end;
  if (start < 0 || last < start || last >= input.length) {
    throw new SpikewireError(
      'graph',
      'Flatten',
      `joins dimensions ${start}…${end} of ${input.length}`,
      'dimensions that the input has',
    );
  }
  const joined = [...input.slice(0, start), elementCount(input.slice(start, last + 1)), ...input.slice(last + 1)];
  return sameShape(joined, input) ? input : joined;
}
