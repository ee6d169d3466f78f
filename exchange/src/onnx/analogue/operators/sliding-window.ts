import { elementCount, type Shape } from '@spikewire/models';

/** How a window slides over the axes of an image or a signal, by axis. */
export interface SlidingWindow {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Elements of padding before the first and behind the last one. */
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/** What counts the numbers that are made, and refuses too many. */
interface Room {
  take(count: number): void;
}

interface EvenlyPadded {
  readonly data: Float32Array;
  readonly shape: Shape;
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/**
 * The same convolution with as much padding before as behind: where they differ, the kernel gets taps of weight 0 on
 * the side of the smaller one. A dilated kernel is written out then.
 */
export function evenPadding(
  net: Room,
  { data, shape }: { readonly data: Float32Array; readonly shape: Shape },
  { kernel, dilation, before, behind }: Omit<SlidingWindow, 'stride'>,
): EvenlyPadded {
  const padding = before.map((count, k) => Math.max(count, behind[k]!));
  if (before.every((count, k) => count === behind[k])) return { data, shape, padding, dilation };
  const front = before.map((count, k) => padding[k]! - count);
  const size = kernel.map((taps, k) => (taps - 1) * dilation[k]! + 1 + 2 * padding[k]! - before[k]! - behind[k]!);
  const wider: Shape = [...shape.slice(0, 2), ...size];
  net.take(elementCount(wider));
  const found = new Float32Array(elementCount(wider));
  const [columns, taps] = [size.at(-1)!, elementCount(kernel)];
  data.forEach((value, k) => {
    const [kernelIndex, tap] = [Math.floor(k / taps), k % taps];
    const x = front.at(-1)! + (tap % kernel.at(-1)!) * dilation.at(-1)!;
    const y = kernel.length === 1 ? 0 : front[0]! + Math.floor(tap / kernel.at(-1)!) * dilation[0]!;
    found[kernelIndex * elementCount(size) + y * columns + x] = value;
  });
  return { data: found, shape: wider, padding, dilation: dilation.map(() => 1) };
}
