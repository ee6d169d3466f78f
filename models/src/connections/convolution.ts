import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import type { ConnectionKind } from '../graph/kind.ts';
import { numbersOf } from '../graph/parameter.ts';
import { broadcast, elementCount, type Shape } from '../tensor.ts';
import { checkBias } from './bias.ts';
import type { WindowGeometry } from './connectivity.ts';
import { forEachWindow, imageShape, pairOf, windowCount } from './window.ts';

/** Zeros before and in all along both axes; "same" keeps the size at stride 1 and puts the odd zero at the end. */
function paddingOf(
  node: GraphNode,
  kernel: readonly number[],
  dilation: readonly number[],
): { before: [number, number]; total: [number, number] } {
  const padding = node.parameters.padding;
  if (padding === 'same') {
    const total: [number, number] = [dilation[0]! * (kernel[0]! - 1), dilation[1]! * (kernel[1]! - 1)];
    return { before: [Math.floor(total[0] / 2), Math.floor(total[1] / 2)], total };
  }
  const before = padding === 'valid' ? ([0, 0] as [number, number]) : pairOf(node, 'padding', 0);
  return { before, total: [2 * before[0], 2 * before[1]] };
}

function geometryOf(node: GraphNode, input: Shape): WindowGeometry {
  const [inputChannels, height, width] = imageShape(node, input);
  const [outputChannels, channelsPerGroup, ...kernel] = numbersOf(node, 'weight')!.shape as [
    number,
    number,
    number,
    number,
  ];
  const groups = numbersOf(node, 'groups')?.data[0] ?? 1;
  if (channelsPerGroup * groups !== inputChannels || outputChannels % groups !== 0) {
    throw new SpikewireError(
      'graph',
      node.type,
      `gets ${inputChannels} channels`,
      `${channelsPerGroup * groups} (weight × groups)`,
    );
  }
  const stride = pairOf(node, 'stride', 1);
  const dilation = pairOf(node, 'dilation', 1);
  const { before, total } = paddingOf(node, kernel, dilation);
  const outputSize: [number, number] = [
    windowCount(height, kernel[0], stride[0], total[0], dilation[0]),
    windowCount(width, kernel[1], stride[1], total[1], dilation[1]),
  ];
  if (outputSize[0] < 1 || outputSize[1] < 1) {
    throw new SpikewireError(
      'graph',
      node.type,
      `has a kernel of ${kernel.join('×')} over ${height}×${width}`,
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

/** The bias of each channel at all its places. */
function biasOfPlaces(node: GraphNode, channels: number, places: number): Float64Array | undefined {
  const declared = numbersOf(node, 'bias');
  if (declared === undefined) return undefined;
  const bias = broadcast(declared, channels);
  return Float64Array.from({ length: channels * places }, (_, output) => bias[Math.floor(output / places)]!);
}

/** Two-dimensional convolution, cross-correlation as in PyTorch (NIR `Conv2d`); input [channels, height, width]. */
export const conv2d: ConnectionKind = {
  type: 'Conv2d',
  role: 'connection',
  parameters: {
    weight: { doc: 'weights (out, in/groups, height, width)', form: 'array', rank: 4 },
    bias: { doc: 'bias (out)', form: 'array', default: 0 },
    stride: { doc: 'step of the window', form: 'integers', default: 1, minimum: 1 },
    padding: {
      doc: 'zeros around, or "same" or "valid"',
      form: 'integers',
      default: 0,
      minimum: 0,
      words: ['same', 'valid'],
    },
    dilation: { doc: 'distance of the taps', form: 'integers', default: 1, minimum: 1 },
    groups: { doc: 'groups of channels', form: 'integers', default: 1, minimum: 1 },
    input_shape: { doc: 'height and width of the input', form: 'integers', optional: true },
  },

  inputShape(node) {
    const size = numbersOf(node, 'input_shape');
    if (size === undefined) return undefined;
    const groups = numbersOf(node, 'groups')?.data[0] ?? 1;
    return [numbersOf(node, 'weight')!.shape[1]! * groups, size.data[0]!, size.data[size.data.length - 1]!];
  },

  outputShape(node, input) {
    const { outputChannels, outputSize } = geometryOf(node, input);
    checkBias(node, outputChannels);
    return [outputChannels, ...outputSize];
  },

  synapseCount(node, input) {
    const { outputSize } = geometryOf(node, input);
    return numbersOf(node, 'weight')!.data.length * outputSize[0] * outputSize[1];
  },

  connect(node, input) {
    const geometry = geometryOf(node, input);
    const { inputChannels, inputSize, outputChannels, outputSize, kernel, groups } = geometry;
    const places = outputSize[0] * outputSize[1];
    const taps = kernel[0] * kernel[1];
    const inputsPerGroup = inputChannels / groups;
    const outputsPerGroup = outputChannels / groups;
    return {
      structure: 'convolution',
      geometry,
      inputs: elementCount(input),
      outputs: outputChannels * places,
      weights: numbersOf(node, 'weight')!.data,
      gain: 1,
      bias: biasOfPlaces(node, outputChannels, places),
      groupOf: (output) => Math.floor(output / places),
      forEachSynapse(index, visit) {
        const column = index % inputSize[1];
        const row = Math.floor(index / inputSize[1]) % inputSize[0];
        const channel = Math.floor(index / (inputSize[0] * inputSize[1]));
        const group = Math.floor(channel / inputsPerGroup);
        forEachWindow(geometry, row, column, (place, tap) => {
          for (let k = 0; k < outputsPerGroup; k++) {
            const output = group * outputsPerGroup + k;
            visit(output * places + place, (output * inputsPerGroup + (channel % inputsPerGroup)) * taps + tap);
          }
        });
      },
    };
  },
};
