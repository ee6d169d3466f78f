import type { GraphNode } from '../graph/graph.ts';
import type { ConnectionKind } from '../graph/kind.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { elementCount, type Shape } from '../tensor.ts';
import type { PoolingConnectivity, WindowGeometry } from './connectivity.ts';
import { forEachWindow, imageShape, pairOf, windowCount } from './window.ts';

const parameters: ParameterTable = {
  kernel_size: { doc: 'height and width of the window', form: 'integers', minimum: 1 },
  stride: { doc: 'step of the window', form: 'integers', minimum: 1 },
  padding: { doc: 'zeros around', form: 'integers', default: 0, minimum: 0 },
};

function geometryOf(node: GraphNode, input: Shape): WindowGeometry {
  const [channels, height, width] = imageShape(node, input);
  const kernel = pairOf(node, 'kernel_size', 1);
  const stride = pairOf(node, 'stride', 1);
  const padding = pairOf(node, 'padding', 0);
  const outputSize: [number, number] = [
    windowCount(height, kernel[0], stride[0], 2 * padding[0], 1),
    windowCount(width, kernel[1], stride[1], 2 * padding[1], 1),
  ];
  return {
    inputChannels: channels,
    outputChannels: channels,
    inputSize: [height, width],
    outputSize,
    kernel,
    stride,
    padding,
    dilation: [1, 1],
    groups: channels,
  };
}

function connectPooling(node: GraphNode, input: Shape, average: boolean): PoolingConnectivity {
  const geometry = geometryOf(node, input);
  const { inputSize, outputSize, inputChannels, kernel } = geometry;
  const places = outputSize[0] * outputSize[1];
  return {
    structure: 'pooling',
    geometry,
    inputs: elementCount(input),
    outputs: inputChannels * places,
    weights: undefined,
    gain: average ? 1 / (kernel[0] * kernel[1]) : 1,
    bias: undefined,
    groupOf: (output) => Math.floor(output / places),
    forEachSynapse(index, visit) {
      const column = index % inputSize[1];
      const row = Math.floor(index / inputSize[1]) % inputSize[0];
      const channel = Math.floor(index / (inputSize[0] * inputSize[1]));
      forEachWindow(geometry, row, column, (place) => visit(channel * places + place, 0));
    },
  };
}

function poolingKind(type: string, average: boolean): ConnectionKind {
  return {
    type,
    role: 'connection',
    parameters,
    inputShape: () => undefined,
    outputShape(node, input) {
      const { outputChannels, outputSize } = geometryOf(node, input);
      return [outputChannels, ...outputSize];
    },
    synapseCount(node, input) {
      const { outputChannels, outputSize, kernel } = geometryOf(node, input);
      return outputChannels * elementCount(outputSize) * elementCount(kernel);
    },
    connect: (node, input) => connectPooling(node, input, average),
  };
}

/** Window sums (NIR `SumPool2d`). */
export const sumPool2d = poolingKind('SumPool2d', false);

/** Window means, zeros of the padding counted (NIR `AvgPool2d`). */
export const avgPool2d = poolingKind('AvgPool2d', true);
