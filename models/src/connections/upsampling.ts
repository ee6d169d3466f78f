import type { GraphNode } from '../graph/graph.ts';
import { elementCount, type Shape } from '../tensor.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { connectCopies } from './copying.ts';
import { type Axes, alongAxes, imageShape, sizeOf } from './window.ts';

function sizesOf(node: GraphNode, input: Shape, axes: Axes) {
  const [channels, height, width] = imageShape(node, input, axes);
  const [rows, columns] = alongAxes(node, 'scale_factor', axes, 1, 1);
  const size: [number, number] = [height * rows, width * columns];
  return { channels, height, width, rows, columns, size };
}

function upsampling(type: string, axes: Axes): ConnectionKind {
  const outputShape = (node: GraphNode, input: Shape): Shape => {
    const { channels, size } = sizesOf(node, input, axes);
    return [channels, ...sizeOf(size, axes)];
  };
  return {
    type,
    role: 'connection',
    examples: [{ node: { scale_factor: 2 }, input: [2, ...sizeOf([2, 3], axes)] }],
    parameters: {
      scale_factor: { doc: 'copies along each axis, or one for both', form: 'integers', minimum: 1 },
    },
    inputShape: () => undefined,
    outputShape,
    synapseCount: (node, input) => elementCount(outputShape(node, input)),
    connect(node, input) {
      const { channels, height, width, rows, columns, size } = sizesOf(node, input, axes);
      const sourceOf = (output: number) => {
        const row = Math.floor(Math.floor(output / size[1]) / rows);
        return row * width + Math.floor((output % size[1]) / columns);
      };
      return connectCopies(channels * height * width, channels * size[0] * size[1], sourceOf);
    },
  };
}

/** Every element of [channels, length] as often as `scale_factor` says, side by side: the nearest one's value. */
export const upsample1d = upsampling('Upsample1d', 1);

/** The same of [channels, height, width], in blocks (PyTorch `Upsample` and ONNX `Resize` by the nearest pixel). */
export const upsample2d = upsampling('Upsample2d', 2);
