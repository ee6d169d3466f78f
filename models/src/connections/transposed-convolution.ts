import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import type { Shape } from '../tensor.ts';
import { checkBias } from './bias.ts';
import type { ConnectionExample, ConnectionKind } from './connection-kind.ts';
import type { WindowGeometry } from './connectivity.ts';
import { biasOfPixels, checkChannels, connectTaps, weightShape } from './convolution.ts';
import { LARGEST_STEP } from './slide.ts';
import { type Axes, alongAxes, imageShape, sizeOf } from './window.ts';

/** The window that slides over an input whose elements lie `stride` apart, step by step. */
function geometryOf(node: GraphNode, input: Shape, axes: Axes): WindowGeometry {
  const [inputChannels, ...inputSize] = imageShape(node, input, axes);
  const [outputChannels, perGroup, ...kernel] = weightShape(node, axes);
  const groups = numbersOf(node, 'groups')?.data[0] ?? 1;
  checkChannels(node, inputChannels, [outputChannels, perGroup], groups);
  const stride = alongAxes(node, 'stride', axes, 1, 1);
  const dilation = alongAxes(node, 'dilation', axes, 1, 1);
  const cut = alongAxes(node, 'padding', axes, 0, 0);
  const more = alongAxes(node, 'output_padding', axes, 0, 0);
  const reach = (axis: 0 | 1) => dilation[axis] * (kernel[axis] - 1);
  const along = (axis: 0 | 1) => (inputSize[axis] - 1) * stride[axis] + reach(axis) + 1 - 2 * cut[axis] + more[axis];
  const outputSize = [along(0), along(1)] as const;
  if (outputSize[0] < 1 || outputSize[1] < 1) {
    const problem = `makes ${sizeOf(inputSize, axes).join('×')} to ${sizeOf(outputSize, axes).join('×')}`;
    throw new SpikewireError('graph', node.type, problem, 'less padding');
  }
  const padding = [reach(0) - cut[0], reach(1) - cut[1]] as const;
  return {
    ...{ inputChannels, outputChannels, inputSize, outputSize },
    ...{ kernel, stride: [1, 1], padding, dilation, groups },
  };
}

function parametersOf(weight: string, axes: Axes) {
  return {
    weight: {
      doc: `weights ${weight}, by output as everywhere; PyTorch has the inputs first`,
      form: 'array',
      rank: axes + 2,
    },
    bias: { doc: 'bias (out)', form: 'array', default: 0 },
    stride: {
      doc: 'distance in the output of what neighbours reach',
      form: 'integers',
      default: 1,
      minimum: 1,
      maximum: LARGEST_STEP,
    },
    padding: {
      doc: 'rows and columns of the output that are cut off on each side',
      form: 'integers',
      default: 0,
      minimum: 0,
      maximum: LARGEST_STEP,
    },
    output_padding: {
      doc: 'rows and columns added at its end',
      form: 'integers',
      default: 0,
      minimum: 0,
      maximum: LARGEST_STEP,
    },
    dilation: { doc: 'distance of the taps', form: 'integers', default: 1, minimum: 1, maximum: LARGEST_STEP },
    groups: { doc: 'groups of channels', form: 'integer', default: 1, minimum: 1 },
  } as const satisfies ParameterTable;
}

/** Two channels to three, in strides of two. */
function exampleOf(axes: Axes): ConnectionExample {
  const row = [0.5, -0.25, 1];
  const taps = axes === 1 ? row : [row, row];
  const weight = Array.from({ length: 3 }, () => [taps, taps]);
  return { node: { weight, stride: 2, padding: 1, output_padding: 1 }, input: [2, ...sizeOf([2, 3], axes)] };
}

function transposedConvolution(type: string, axes: Axes, weight: string): ConnectionKind {
  return {
    type,
    role: 'connection',
    examples: [exampleOf(axes)],
    parameters: parametersOf(weight, axes),
    inputShape: () => undefined,
    outputShape(node, input) {
      const { outputChannels, outputSize } = geometryOf(node, input, axes);
      checkBias(node, outputChannels);
      return [outputChannels, ...sizeOf(outputSize, axes)];
    },
    synapseCount(node, input) {
      const { inputSize } = geometryOf(node, input, axes);
      return numbersOf(node, 'weight')!.data.length * inputSize[0] * inputSize[1];
    },
    connect(node, input) {
      const geometry = geometryOf(node, input, axes);
      return connectTaps(node, geometry, biasOfPixels(node, geometry), alongAxes(node, 'stride', axes, 1, 1));
    },
  };
}

/**
 * Transposed convolution along one axis (PyTorch and ONNX `ConvTranspose`): element i of [channels, length] brings
 * weight k times itself to output i·stride + k·dilation − padding.
 */
export const convTranspose1d = transposedConvolution('ConvTranspose1d', 1, '(out, in/groups, length)');

/** The same over [channels, height, width]. */
export const convTranspose2d = transposedConvolution('ConvTranspose2d', 2, '(out, in/groups, height, width)');
