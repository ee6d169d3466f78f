import type { GraphNode } from '../graph/graph.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { elementCount, type Shape } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { Connectivity, PoolingConnectivity, WindowGeometry } from './connectivity.ts';
import { LARGEST_STEP } from './slide.ts';
import { type Axes, alongAxes, imageShape, sizeOf, windowCount, windowVisitor } from './window.ts';

export const poolingParameters = {
  kernel_size: {
    doc: 'size of the window along each axis, or one for both',
    form: 'integers',
    minimum: 1,
    maximum: LARGEST_STEP,
  },
  stride: { doc: 'step of the window', form: 'integers', minimum: 1, maximum: LARGEST_STEP },
  padding: { doc: 'zeros around', form: 'integers', default: 0, minimum: 0, maximum: LARGEST_STEP },
} as const satisfies ParameterTable;

function geometryOf(node: GraphNode, input: Shape, axes: Axes): WindowGeometry {
  const [channels, height, width] = imageShape(node, input, axes);
  const kernel = alongAxes(node, 'kernel_size', axes, 1, 1);
  const stride = alongAxes(node, 'stride', axes, 1, 1);
  const padding = alongAxes(node, 'padding', axes, 0, 0);
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

/** What poolings have in common: which windows an element lies in, each channel for itself. */
export function connectWindows(geometry: WindowGeometry) {
  const { inputSize, outputSize, inputChannels } = geometry;
  const pixels = outputSize[0] * outputSize[1];
  const forEachWindow = windowVisitor(geometry);
  return {
    geometry,
    inputs: inputChannels * inputSize[0] * inputSize[1],
    outputs: inputChannels * pixels,
    weights: undefined,
    bias: undefined,
    groupOf: (output: number) => Math.floor(output / pixels),
    forEachSynapse(index: number, visit: (output: number, weight: number) => void): void {
      const column = index % inputSize[1];
      const row = Math.floor(index / inputSize[1]) % inputSize[0];
      const channel = Math.floor(index / (inputSize[0] * inputSize[1]));
      forEachWindow(row, column, (pixel) => visit(channel * pixels + pixel, 0));
    },
  };
}

/** A kind whose windows slide over [channels, length] or [channels, height, width]. */
export function poolingKind(
  type: string,
  axes: Axes,
  parameters: ParameterTable,
  connect: (geometry: WindowGeometry, node: GraphNode) => Connectivity,
): ConnectionKind {
  return {
    type,
    role: 'connection',
    examples: [{ node: { kernel_size: 2, stride: 1, padding: 1 }, input: [2, ...sizeOf([3, 4], axes)] }],
    parameters,
    inputShape: () => undefined,
    outputShape(node, input) {
      const { outputChannels, outputSize } = geometryOf(node, input, axes);
      return [outputChannels, ...sizeOf(outputSize, axes)];
    },
    synapseCount(node, input) {
      const { outputChannels, outputSize, kernel } = geometryOf(node, input, axes);
      return outputChannels * elementCount(outputSize) * elementCount(kernel);
    },
    connect: (node, input) => connect(geometryOf(node, input, axes), node),
  };
}

function sum(geometry: WindowGeometry): PoolingConnectivity {
  return { structure: 'pooling', gain: 1, ...connectWindows(geometry) };
}

function mean(geometry: WindowGeometry): PoolingConnectivity {
  return { ...sum(geometry), gain: 1 / elementCount(geometry.kernel) };
}

/** Window sums over [channels, length]. */
export const sumPool1d = poolingKind('SumPool1d', 1, poolingParameters, sum);

/** Window sums over [channels, height, width] (NIR `SumPool2d`). */
export const sumPool2d = poolingKind('SumPool2d', 2, poolingParameters, sum);

/** Window means over [channels, length], zeros of the padding counted. */
export const avgPool1d = poolingKind('AvgPool1d', 1, poolingParameters, mean);

/** Window means over [channels, height, width], zeros of the padding counted (NIR `AvgPool2d`). */
export const avgPool2d = poolingKind('AvgPool2d', 2, poolingParameters, mean);
