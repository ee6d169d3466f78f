import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { broadcast, formatShape, type Shape } from '../tensor.ts';
import { checkBias } from './bias.ts';
import type { ConnectionExample, ConnectionKind } from './connection-kind.ts';
import type { ConvolutionConnectivity, WindowGeometry } from './connectivity.ts';
import { LARGEST_STEP } from './slide.ts';
import { type Axes, alongAxes, imageShape, sizeOf, windowCount, windowVisitor } from './window.ts';

/** Zeros before and in all along both axes; "same" keeps the size at stride 1 and puts the odd zero at the end. */
function paddingOf(
  node: GraphNode,
  kernel: readonly number[],
  dilation: readonly number[],
  axes: Axes,
): { before: [number, number]; total: [number, number] } {
  const padding = node.parameters.padding;
  if (padding === 'same') {
    const total: [number, number] = [dilation[0]! * (kernel[0]! - 1), dilation[1]! * (kernel[1]! - 1)];
    return { before: [Math.floor(total[0] / 2), Math.floor(total[1] / 2)], total };
  }
  const before = padding === 'valid' ? ([0, 0] as [number, number]) : alongAxes(node, 'padding', axes, 0, 0);
  return { before, total: [2 * before[0], 2 * before[1]] };
}

/**
 * [out, in/groups, height, width] of the weights; leading dimensions of 1 do not count, and along one axis the height
 * is 1.
 */
export function weightShape(node: GraphNode, axes: Axes): [number, number, number, number] {
  const { shape } = numbersOf(node, 'weight')!;
  const leading = shape.slice(0, -(axes + 2));
  if (leading.some((size) => size !== 1)) {
    const expected = axes === 1 ? '(out, in, length)' : '(out, in, height, width)';
    throw new SpikewireError('unsupported', node.type, `has a weight of shape ${formatShape(shape)}`, expected);
  }
  const [outputs, inputs, ...kernel] = shape.slice(leading.length);
  return [outputs!, inputs!, axes === 1 ? 1 : kernel[0]!, kernel.at(-1)!];
}

/** Throws `graph` where the channels of the input and of the weights do not go together. */
export function checkChannels(node: GraphNode, inputs: number, [outputs, perGroup]: readonly number[], groups: number) {
  if (perGroup! * groups === inputs && outputs! % groups === 0) return;
  throw new SpikewireError('graph', node.type, `gets ${inputs} channels`, `${perGroup! * groups} (weight × groups)`);
}

function geometryOf(node: GraphNode, input: Shape, axes: Axes): WindowGeometry {
  const [inputChannels, height, width] = imageShape(node, input, axes);
  const [outputChannels, perGroup, ...kernel] = weightShape(node, axes);
  const groups = numbersOf(node, 'groups')?.data[0] ?? 1;
  checkChannels(node, inputChannels, [outputChannels, perGroup], groups);
  const stride = alongAxes(node, 'stride', axes, 1, 1);
  const dilation = alongAxes(node, 'dilation', axes, 1, 1);
  const { before, total } = paddingOf(node, kernel, dilation, axes);
  const outputSize: [number, number] = [
    windowCount(height, kernel[0], stride[0], total[0], dilation[0]),
    windowCount(width, kernel[1], stride[1], total[1], dilation[1]),
  ];
  if (outputSize[0] < 1 || outputSize[1] < 1) {
    throw new SpikewireError(
      'graph',
      node.type,
      `has a kernel of ${sizeOf(kernel, axes).join('×')} over ${sizeOf([height, width], axes).join('×')}`,
      'a kernel that fits',
    );
  }
  return {
    inputChannels,
    outputChannels,
    inputSize: [height, width],
    outputSize,
    kernel,
    stride,
    padding: before,
    dilation,
    groups,
  };
}

/** What every convolution is to an engine; `bias` of each output, `transposed` as in its connectivity. */
export function connectTaps(
  node: GraphNode,
  geometry: WindowGeometry,
  bias: Float64Array | undefined,
  transposed?: readonly [number, number],
): ConvolutionConnectivity {
  const { inputChannels, inputSize, outputChannels, outputSize, kernel, groups } = geometry;
  const pixels = outputSize[0] * outputSize[1];
  const taps = kernel[0] * kernel[1];
  const inputsPerGroup = inputChannels / groups;
  const outputsPerGroup = outputChannels / groups;
  const [down, across] = transposed ?? [1, 1];
  const forEachWindow = windowVisitor(geometry);
  return {
    structure: 'convolution',
    geometry,
    ...(transposed && { transposed }),
    inputs: inputChannels * inputSize[0] * inputSize[1],
    outputs: outputChannels * pixels,
    weights: numbersOf(node, 'weight')!.data,
    gain: 1,
    bias,
    groupOf: (output) => Math.floor(output / pixels),
    forEachSynapse(index, visit) {
      const column = index % inputSize[1];
      const row = Math.floor(index / inputSize[1]) % inputSize[0];
      const channel = Math.floor(index / (inputSize[0] * inputSize[1]));
      const group = Math.floor(channel / inputsPerGroup);
      forEachWindow(down * row, across * column, (pixel, met) => {
        const tap = transposed === undefined ? met : taps - 1 - met;
        for (let k = 0; k < outputsPerGroup; k++) {
          const output = group * outputsPerGroup + k;
          visit(output * pixels + pixel, (output * inputsPerGroup + (channel % inputsPerGroup)) * taps + tap);
        }
      });
    },
  };
}

/** The bias of each channel at all its pixels. */
export function biasOfPixels(
  node: GraphNode,
  { outputChannels, outputSize }: WindowGeometry,
): Float64Array | undefined {
  const declared = numbersOf(node, 'bias');
  if (declared === undefined) return undefined;
  const bias = broadcast(declared, outputChannels);
  const pixels = outputSize[0] * outputSize[1];
  return Float64Array.from({ length: outputChannels * pixels }, (_, output) => bias[Math.floor(output / pixels)]!);
}

function parametersOf(weight: string, axes: Axes) {
  return {
    weight: { doc: `weights ${weight}`, form: 'array', rank: axes + 2 },
    bias: { doc: 'bias (out)', form: 'array', default: 0 },
    stride: { doc: 'step of the window', form: 'integers', default: 1, minimum: 1, maximum: LARGEST_STEP },
    padding: {
      doc: 'zeros around, or "same" or "valid"',
      form: 'integers',
      default: 0,
      minimum: 0,
      maximum: LARGEST_STEP,
      words: ['same', 'valid'],
    },
    dilation: { doc: 'distance of the taps', form: 'integers', default: 1, minimum: 1, maximum: LARGEST_STEP },
    groups: { doc: 'groups of channels', form: 'integer', default: 1, minimum: 1 },
    input_shape: { doc: 'size of the input along each axis', form: 'integers', optional: true },
  } as const satisfies ParameterTable;
}

/** Two channels to three, padded, in strides of two. */
function exampleOf(axes: Axes): ConnectionExample {
  const row = [0.5, -0.25, 1];
  const taps = axes === 1 ? row : [row, row];
  const weight = Array.from({ length: 3 }, () => [taps, taps]);
  return { node: { weight, stride: 2, padding: 1 }, input: [2, ...sizeOf([4, 5], axes)] };
}

function convolutionKind(type: string, axes: Axes, weight: string): ConnectionKind {
  return {
    type,
    role: 'connection',
    examples: [exampleOf(axes)],
    parameters: parametersOf(weight, axes),

    inputShape(node) {
      const size = numbersOf(node, 'input_shape');
      if (size === undefined) return undefined;
      const groups = numbersOf(node, 'groups')?.data[0] ?? 1;
      return [weightShape(node, axes)[1] * groups, ...sizeOf([size.data[0]!, size.data.at(-1)!], axes)];
    },

    outputShape(node, input) {
      const { outputChannels, outputSize } = geometryOf(node, input, axes);
      checkBias(node, outputChannels);
      return [outputChannels, ...sizeOf(outputSize, axes)];
    },

    synapseCount(node, input) {
      const { outputSize } = geometryOf(node, input, axes);
      return numbersOf(node, 'weight')!.data.length * outputSize[0] * outputSize[1];
    },

    connect(node, input) {
      const geometry = geometryOf(node, input, axes);
      return connectTaps(node, geometry, biasOfPixels(node, geometry));
    },
  };
}

/** Convolution along one axis, cross-correlation as in PyTorch (NIR `Conv1d`); input [channels, length]. */
export const conv1d = convolutionKind('Conv1d', 1, '(out, in/groups, length)');

/** Convolution along two axes, cross-correlation as in PyTorch (NIR `Conv2d`); input [channels, height, width]. */
export const conv2d = convolutionKind('Conv2d', 2, '(out, in/groups, height, width)');
