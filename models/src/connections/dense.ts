import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { ParameterDeclaration } from '../parameters/declaration.ts';
import { broadcast, type Tensor } from '../tensor.ts';
import { checkBias } from './bias.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { DenseConnectivity } from './connectivity.ts';

const weight: ParameterDeclaration = { doc: 'weights (…, out, in)', form: 'array', rank: 2 };

function matrixOf(node: GraphNode): Tensor {
  return numbersOf(node, 'weight')!;
}

/**
 * Leading dimensions of a weight (…, out, in) repeat the map over independent slices: input (…, in), output (…, out).
 * One slice is a dense matrix; several would be block-diagonal.
 */
function singleSlice(node: GraphNode): { outputs: number; inputs: number } {
  const shape = matrixOf(node).shape;
  if (shape.slice(0, -2).some((size) => size !== 1)) {
    throw new SpikewireError(
      'unsupported',
      node.type,
      `has a weight with leading dimensions [${shape.join(', ')}]`,
      'a matrix (out, in)',
    );
  }
  return { outputs: shape.at(-2)!, inputs: shape.at(-1)! };
}

function connectDense(node: GraphNode, bias: Float64Array | undefined): DenseConnectivity {
  const { outputs, inputs } = singleSlice(node);
  return {
    structure: 'dense',
    inputs,
    outputs,
    weights: matrixOf(node).data,
    gain: 1,
    bias,
    groupOf: (output) => output,
    forEachSynapse(input, visit) {
      for (let output = 0; output < outputs; output++) visit(output, output * inputs + input);
    },
  };
}

const shapes: Pick<ConnectionKind, 'inputShape' | 'outputShape'> = {
  inputShape(node) {
    const shape = matrixOf(node).shape;
    return [...shape.slice(0, -2), shape.at(-1)!];
  },
  outputShape(node) {
    const shape = matrixOf(node).shape;
    return [...shape.slice(0, -2), shape.at(-2)!];
  },
};

/** [outputs, inputs] of the examples. */
const exampleWeight = [
  [0.5, -0.25, 1],
  [0.75, 0.5, -0.5],
];

/** y = W·x (NIR `Linear`). */
export const linear: ConnectionKind = {
  type: 'Linear',
  role: 'connection',
  examples: [
    {
      node: {
        weight: exampleWeight,
      },
      input: [3],
    },
  ],
  parameters: { weight },
  ...shapes,
  connect: (node) => connectDense(node, undefined),
};

/** y = W·x + b (NIR `Affine`); the bias arrives in every step. */
export const affine: ConnectionKind = {
  type: 'Affine',
  role: 'connection',
  examples: [
    {
      node: {
        weight: exampleWeight,
        bias: [0.25, 0.5],
      },
      input: [3],
    },
  ],
  parameters: { weight, bias: { doc: 'bias (out)', form: 'array', default: 0 } },
  ...shapes,
  outputShape(node, input) {
    checkBias(node, matrixOf(node).shape.at(-2)!);
    return shapes.outputShape(node, input);
  },
  connect(node) {
    const bias = numbersOf(node, 'bias');
    return connectDense(node, bias === undefined ? undefined : broadcast(bias, matrixOf(node).shape.at(-2)!));
  },
};
