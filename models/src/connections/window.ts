import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import { formatShape, type Shape } from '../tensor.ts';
import type { WindowGeometry } from './connectivity.ts';

/** Over how many axes a window slides. Along one, an input [channels, length] counts as an image of height 1. */
export type Axes = 1 | 2;

/**
 * Numbers along height and width; a single one stands for both. Along one axis the height's is `neutral`, with which
 * nothing happens there. More numbers than axes are a `parameter` error.
 */
export function alongAxes(node: GraphNode, key: string, axes: Axes, otherwise: number, neutral: number): Pair {
  const values = numbersOf(node, key)?.data ?? [otherwise];
  if (values.length > axes) {
    const expected = axes === 1 ? 'one' : 'one or two';
    throw new SpikewireError('parameter', `${node.type}.${key}`, `has ${values.length} numbers`, expected);
  }
  return axes === 1 ? [neutral, values[0]!] : [values[0]!, values[values.length - 1]!];
}

type Pair = [height: number, width: number];

/** [channels, height, width], or a `graph` error. */
export function imageShape(node: GraphNode, input: Shape, axes: Axes): [number, number, number] {
  if (input.length !== axes + 1) {
    const expected = axes === 1 ? '[channels, length]' : '[channels, height, width]';
    throw new SpikewireError('graph', node.type, `gets shape ${formatShape(input)}`, expected);
  }
  return [input[0]!, axes === 1 ? 1 : input[1]!, input[axes]!];
}

/** The size of an output as its kind gives it: without the height where there is one axis. */
export function sizeOf([height, width]: readonly [number, number], axes: Axes): number[] {
  return axes === 1 ? [width] : [height, width];
}

/** How many positions a window has along one axis. */
export function windowCount(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/**
 * Calls `visit(output pixel, tap of the kernel, both row-major)` for every window that an input pixel falls
 * into. One scatter for convolution and pooling, so that an arriving event costs kernel/stride work and not a pass over
 * the image.
 */
export function forEachWindow(
  g: WindowGeometry,
  row: number,
  column: number,
  visit: (pixel: number, tap: number) => void,
): void {
  for (let ky = 0; ky < g.kernel[0]; ky++) {
    const y = windowAt(row + g.padding[0] - ky * g.dilation[0], g.stride[0], g.outputSize[0]);
    if (y < 0) continue;
    for (let kx = 0; kx < g.kernel[1]; kx++) {
      const x = windowAt(column + g.padding[1] - kx * g.dilation[1], g.stride[1], g.outputSize[1]);
      if (x >= 0) visit(y * g.outputSize[1] + x, ky * g.kernel[1] + kx);
    }
  }
}

/** The window that starts at `offset`, or −1 where none does. */
function windowAt(offset: number, stride: number, count: number): number {
  if (offset < 0 || offset % stride !== 0) return -1;
  const window = offset / stride;
  return window < count ? window : -1;
}
