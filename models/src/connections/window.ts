import { SpikewireError } from '../error.ts';
import type { GraphNode } from '../graph/graph.ts';
import { numbersOf } from '../graph/parameter.ts';
import { formatShape, type Shape } from '../tensor.ts';
import type { WindowGeometry } from './connectivity.ts';
import { Slide } from './slide.ts';

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

/** Gets each window that an element falls into: its output pixel and the tap of the kernel, both row-major. */
type VisitWindow = (pixel: number, tap: number) => void;

/**
 * Visits every window that an input pixel falls into. One scatter for convolution and pooling, so that an arriving
 * event costs what it reaches and not a pass over the image.
 */
export function windowVisitor(g: WindowGeometry): (row: number, column: number, visit: VisitWindow) => void {
  const [down, across] = [new Slide(g, 0), new Slide(g, 1)];
  return (row, column, visit) => {
    const firstX = across.firstTap(column);
    const lastX = across.lastTap(column);
    if (firstX > lastX) return;
    const lastY = down.lastTap(row);
    for (let ky = down.firstTap(row); ky <= lastY; ky += down.step) {
      const windows = down.windowOf(row, ky) * g.outputSize[1];
      const taps = ky * g.kernel[1];
      for (let kx = firstX; kx <= lastX; kx += across.step) {
        visit(windows + across.windowOf(column, kx), taps + kx);
      }
    }
  };
}
