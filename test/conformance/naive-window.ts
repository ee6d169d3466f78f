/** An image of channels, rows and columns. */
export type Image = readonly (readonly (readonly number[])[])[];

export interface WindowOptions {
  readonly stride: readonly [number, number];
  /** Zeros before and after, by axis. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  readonly dilation: readonly [number, number];
}

function pixel(image: Image, channel: number, row: number, column: number): number {
  return image[channel]![row]?.[column] ?? 0;
}

/** Output sizes by trying every window until one no longer fits. */
function windowStarts(
  size: number,
  kernel: number,
  axis: 0 | 1,
  { stride, before, after, dilation }: WindowOptions,
): number[] {
  const starts: number[] = [];
  for (let start = -before[axis]; start + dilation[axis] * (kernel - 1) < size + after[axis]; start += stride[axis]) {
    starts.push(start);
  }
  return starts;
}

/** Cross-correlation written out: for every output, the sum over its window. Weights [out][in/groups][row][column]. */
export function correlate(
  image: Image,
  weights: readonly Image[],
  groups: number,
  options: WindowOptions,
): number[][][] {
  const [height, width] = [image[0]!.length, image[0]![0]!.length];
  const [kernelHeight, kernelWidth] = [weights[0]![0]!.length, weights[0]![0]![0]!.length];
  const perGroup = weights.length / groups;
  return weights.map((kernel, output) =>
    windowStarts(height, kernelHeight, 0, options).map((top) =>
      windowStarts(width, kernelWidth, 1, options).map((left) => {
        let sum = 0;
        kernel.forEach((plane, c) => {
          const channel = Math.floor(output / perGroup) * kernel.length + c;
          plane.forEach((row, y) => {
            row.forEach((weight, x) => {
              sum += weight * pixel(image, channel, top + y * options.dilation[0], left + x * options.dilation[1]);
            });
          });
        });
        return sum;
      }),
    ),
  );
}
