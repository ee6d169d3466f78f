import type { GraphNode } from '../graph/graph.ts';
import { type Shape, tensor } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { avgPool1d, avgPool2d } from './pooling.ts';
import { type Axes, imageShape, sizeOf } from './window.ts';

/** An average pooling whose one window is the whole input. */
function globalPooling(
  type: string,
  axes: Axes,
  { outputShape, synapseCount, connect }: ConnectionKind,
): ConnectionKind {
  const whole = (node: GraphNode, input: Shape): GraphNode => {
    const [, ...size] = imageShape(node, input, axes);
    const window = tensor(Float64Array.from(sizeOf(size, axes)));
    return { type, parameters: { kernel_size: window, stride: window } };
  };
  return {
    type,
    role: 'connection',
    examples: [{ node: {}, input: [2, ...sizeOf([2, 3], axes)] }],
    parameters: {},
    inputShape: () => undefined,
    outputShape: (node, input) => outputShape(whole(node, input), input),
    synapseCount: (node, input) => synapseCount!(whole(node, input), input),
    connect: (node, input) => connect(whole(node, input), input),
  };
}

/** The mean of each channel of [channels, length]: [channels, 1]. */
export const globalAvgPool1d = globalPooling('GlobalAvgPool1d', 1, avgPool1d);

/** The mean of each channel of [channels, height, width]: [channels, 1, 1] (ONNX `GlobalAveragePool`). */
export const globalAvgPool2d = globalPooling('GlobalAvgPool2d', 2, avgPool2d);
