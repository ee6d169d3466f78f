import type { OperatorSite } from './operator.ts';
import type { SlidingWindow } from './sliding-window.ts';
import type { Signal } from './value.ts';

/** The window of a convolution or pooling over axes of these sizes, its padding worked out. */
export function windowOf(site: OperatorSite, sizes: readonly number[], kernel: readonly number[]): SlidingWindow {
  const axes = sizes.length;
  if (kernel.length !== axes || kernel.some((size) => size < 1)) {
    throw site.refuse(`has a kernel of ${kernel.join('×')}`, `one over ${axes} axes`);
  }
  const [stride, dilation] = [listed(site, 'strides', axes, 1), listed(site, 'dilations', axes, 1)];
  const automatic = site.text('auto_pad', 'NOTSET');
  if (automatic === 'NOTSET') {
    const pads = listed(site, 'pads', 2 * axes, 0);
    return { kernel, stride, dilation, before: pads.slice(0, axes), behind: pads.slice(axes) };
  }
  const total = sizes.map((size, k) => {
    if (automatic === 'VALID') return 0;
    const reach = (kernel[k]! - 1) * dilation[k]! + 1;
    return Math.max(0, (Math.ceil(size / stride[k]!) - 1) * stride[k]! + reach - size);
  });
  const smaller = total.map((count) => Math.floor(count / 2));
  const larger = total.map((count, k) => count - smaller[k]!);
  const isUpper = automatic !== 'SAME_LOWER';
  return { kernel, stride, dilation, before: isUpper ? smaller : larger, behind: isUpper ? larger : smaller };
}

/** So many whole numbers of an attribute, none below `least`, which they all are where it is absent. */
export function listed(site: OperatorSite, name: string, count: number, least: 0 | 1): readonly number[] {
  const list = site.integers(name) ?? new Array<number>(count).fill(least);
  if (list.length === count && list.every((value) => value >= least && value < 2 ** 31)) return list;
  throw site.refuse(`has ${name} ${list.join(', ')}`, `${count} numbers of at least ${least}`);
}

/** Sizes of the axes from `first` on, with the zeros that wait around them. */
export function paddedSizes({ shape, padding }: Signal, first: number): number[] {
  return shape.map((size, axis) => size + (padding?.before[axis] ?? 0) + (padding?.behind[axis] ?? 0)).slice(first);
}

/** A window that pads with the zeros that wait around a signal, too. */
export function withPadding(window: SlidingWindow, { padding }: Signal): SlidingWindow {
  if (padding === undefined) return window;
  const { before, behind } = window;
  return {
    ...window,
    before: before.map((count, k) => count + padding.before[k + 2]!),
    behind: behind.map((count, k) => count + padding.behind[k + 2]!),
  };
}
