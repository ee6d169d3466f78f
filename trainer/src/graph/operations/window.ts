import { SpikewireError, type WindowGeometry } from '@spikewire/models';

/** A window that slides over [rows, channels, height, width]; channels are none of its business. */
export type Window = Omit<WindowGeometry, 'inputChannels' | 'outputChannels' | 'groups'>;

/** A window of this kernel at every pixel where it fits. */
export function everyPixel(kernel: readonly [number, number], inputSize: readonly [number, number]): Window {
  const outputSize = [inputSize[0] - kernel[0] + 1, inputSize[1] - kernel[1] + 1] as const;
  return { kernel, stride: [1, 1], padding: [0, 0], dilation: [1, 1], inputSize, outputSize };
}

/** Windows of a size side by side. */
export function sideBySide(size: number, inputSize: readonly [number, number]): Window {
  const [height, width] = inputSize;
  if (height % size !== 0 || width % size !== 0) {
    throw new SpikewireError('graph', 'windows', `of ${size} over ${height}×${width}`, `multiples of ${size}`);
  }
  const outputSize = [height / size, width / size] as const;
  return { kernel: [size, size], stride: [size, size], padding: [0, 0], dilation: [1, 1], inputSize, outputSize };
}

/** Whether it is one of `everyPixel`. */
export function isEveryPixel({ stride, padding, dilation, kernel, inputSize, outputSize }: Window): boolean {
  return (
    [...stride, ...dilation].every((step) => step === 1) &&
    padding.every((zeros) => zeros === 0) &&
    outputSize.every((size, axis) => size === inputSize[axis]! - kernel[axis]! + 1)
  );
}

/** Whether it is one of `sideBySide`. */
export function isSideBySide({ kernel, stride, padding, inputSize, outputSize }: Window): boolean {
  return (
    kernel.every(
      (size, axis) => size === kernel[0] && stride[axis] === size && inputSize[axis] === size * outputSize[axis]!,
    ) && padding.every((zeros) => zeros === 0)
  );
}

/** Zeros behind the last row and column, negative where the last ones are never reached. */
function paddingBehind({ kernel, stride, padding, dilation, inputSize, outputSize }: Window): [number, number] {
  const along = (axis: 0 | 1) =>
    (outputSize[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - padding[axis] - inputSize[axis];
  return [along(0), along(1)];
}

/** ONNX's attributes of a window. What is never reached at the end is left out by rounding down. */
export function windowAttributes(window: Window): Record<string, readonly number[]> {
  const { kernel, stride, padding, dilation } = window;
  const behind = paddingBehind(window).map((zeros) => Math.max(0, zeros));
  return { kernel_shape: kernel, strides: stride, dilations: dilation, pads: [...padding, ...behind] };
}

/** The same for the way back, from the windows to the input. */
export function transposedAttributes(window: Window): Record<string, readonly number[]> {
  const missed = paddingBehind(window).map((zeros) => Math.max(0, -zeros));
  return { ...windowAttributes(window), output_padding: missed };
}

/** Calls `visit` with the row-major indices in input, kernel and output of every product of one image. */
export function forEachTap(
  { kernel, stride, padding, dilation, inputSize, outputSize }: Window,
  visit: (input: number, tap: number, output: number) => void,
): void {
  for (let output = 0; output < outputSize[0] * outputSize[1]; output++) {
    const [top, left] = [Math.floor(output / outputSize[1]), output % outputSize[1]];
    for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
      const y = top * stride[0] - padding[0] + Math.floor(tap / kernel[1]) * dilation[0];
      const x = left * stride[1] - padding[1] + (tap % kernel[1]) * dilation[1];
      if (y >= 0 && y < inputSize[0] && x >= 0 && x < inputSize[1]) visit(y * inputSize[1] + x, tap, output);
    }
  }
}
