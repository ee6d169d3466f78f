import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { ParameterDeclaration } from '../parameters/declaration.ts';
import { broadcast, elementCount, type Tensor } from '../tensor.ts';
import { checkBias } from './bias.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { ConvolutionConnectivity, DenseConnectivity } from './connectivity.ts';
import { connectTaps } from './convolution.ts';

const weight: ParameterDeclaration = { doc: 'weights (…, out, in), input (…, in)', form: 'array', rank: 2 };

function matrixOf(node: GraphNode): Tensor {
  return numbersOf(node, 'weight')!;
}

/** [slices, out, in] of a weight (…, out, in), whose leading dimensions count slices: each has a matrix of its own. */
function slicesOf(node: GraphNode): readonly [slices: number, outputs: number, inputs: number] {
  const { shape } = matrixOf(node);
  return [elementCount(shape.slice(0, -2)), shape.at(-2)!, shape.at(-1)!];
}

/** A matrix for each slice of what arrives (…, in) is a convolution of one pixel, in as many groups of channels. */
function connectSlices(node: GraphNode, bias?: Float64Array): DenseConnectivity | ConvolutionConnectivity {
  const [groups, outputs, inputs] = slicesOf(node);
  if (groups === 1) return connectDense(node, outputs, inputs, bias);
  const once = [1, 1] as const;
  const channels = { inputChannels: groups * inputs, outputChannels: groups * outputs, groups };
  const sizes = { inputSize: once, outputSize: once, kernel: once };
  const geometry = { ...channels, ...sizes, stride: once, padding: [0, 0] as const, dilation: once };
  return connectTaps(node, geometry, bias);
}

function connectDense(node: GraphNode, outputs: number, inputs: number, bias?: Float64Array): DenseConnectivity {
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

/** The bias of every output of every slice: given for each, or for the outputs of any slice, or for all. */
function biasOf(node: GraphNode): Float64Array | undefined {
  const bias = numbersOf(node, 'bias');
  const [slices, outputs] = slicesOf(node);
  if (bias === undefined || bias.data.length !== outputs) return bias && broadcast(bias, slices * outputs);
  return Float64Array.from({ length: slices * outputs }, (_, output) => bias.data[output % outputs]!);
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
  connect: (node) => connectSlices(node),
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
    {
      node: {
        weight: [exampleWeight, exampleWeight.toReversed()],
        bias: [0.25, 0.5],
      },
      input: [2, 3],
    },
  ],
  parameters: { weight, bias: { doc: 'bias (out), or one for each output (…, out)', form: 'array', default: 0 } },
  ...shapes,
  outputShape(node, input) {
    checkBias(node, matrixOf(node).shape.at(-2)!, elementCount(shapes.outputShape(node, input)));
    return shapes.outputShape(node, input);
  },
  connect: (node) => connectSlices(node, biasOf(node)),
};
