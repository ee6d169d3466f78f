import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import { formatShape, type Shape } from '../tensor.ts';
import type { WindowGeometry } from './connectivity.ts';

/** Two numbers, row and column; a single one stands for both. More are a `parameter` error. */
export function pairOf(node: GraphNode, key: string, otherwise: number): [number, number] {
  const values = numbersOf(node, key)?.data ?? [otherwise];
  if (values.length > 2) {
    throw new SpikewireError('parameter', `${node.type}.${key}`, `has ${values.length} numbers`, 'one or two');
  }
  return [values[0]!, values[values.length - 1]!];
}

/** [channels, height, width], or a `graph` error. */
export function imageShape(node: GraphNode, input: Shape): [number, number, number] {
  if (input.length !== 3)
    throw new SpikewireError('graph', node.type, `gets shape ${formatShape(input)}`, '[channels, height, width]');
  return [input[0]!, input[1]!, input[2]!];
}

/** How many places a window has along one axis. */
export function windowCount(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/**
 * Calls `visit(output row-major place, kernel row-major place)` for every window that an input place falls into. One scatter
 * for convolution and pooling, so that an arriving event costs kernel/stride work and not a pass over the image.
 */
export function forEachWindow(
  g: WindowGeometry,
  row: number,
  column: number,
  visit: (place: number, tap: number) => void,
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
