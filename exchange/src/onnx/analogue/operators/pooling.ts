import { elementCount, tensor } from '@spikewire/models';
import { type OnnxOperator, type OperatorSite, stridesOf } from '../operator.ts';
import { type Signal, sampleSize } from '../value.ts';
import { type SlidingWindow, windowOf } from '../window.ts';

/** Means and maxima over windows that slide along one or two axes. */
export const pooling: OnnxOperator = {
  types: ['AveragePool', 'MaxPool'],
  apply(site) {
    const signal = site.net.settle(site.name, site.inOrder(site.signal(0)));
    const sizes = spatialOf(site, signal);
    const window = windowOf(site, sizes, site.integers('kernel_shape') ?? []);
    const { before, behind, dilation } = window;
    if (site.integer('ceil_mode', 0) !== 0 && !endsWithLast(window, sizes)) {
      throw site.refuse('has a last window that is not whole', 'ceil_mode 0');
    }
    if (before.some((count, k) => count !== behind[k])) {
      throw site.refuse(
        `pads ${before.join(', ')} before and ${behind.join(', ')} behind`,
        'equal padding on both sides',
      );
    }
    if (dilation.some((step) => step !== 1)) throw site.refuse('has a dilated window', 'dilations 1');
    const isMaximum = site.node.operator === 'MaxPool';
    const pooled = pool(site, signal, window, isMaximum);
    const countsAll = isMaximum || site.integer('count_include_pad', 0) !== 0 || before.every((count) => count === 0);
    return countsAll ? pooled : withoutPadding(site, pooled, window, sizes);
  },
};

/** Means and maxima over all of an image or a signal. */
export const globalPooling: OnnxOperator = {
  types: ['GlobalAveragePool', 'GlobalMaxPool', 'ReduceMean', 'ReduceMax'],
  apply(site) {
    const signal = site.net.settle(site.name, site.inOrder(site.signal(0)));
    const sizes = spatialOf(site, signal);
    const none = sizes.map(() => 0);
    const window = { kernel: sizes, stride: sizes, dilation: sizes.map(() => 1), before: none, behind: none };
    const pooled = pool(site, signal, window, /Max/.test(site.node.operator));
    if (!site.node.operator.startsWith('Reduce')) return pooled;
    const listed = site.integers('axes') ?? Array.from(site.optionalConstant(1)?.data ?? []);
    const axes = listed.map((axis) => site.axis(axis, signal.shape.length)).sort();
    if (axes.length !== sizes.length || axes.some((axis, k) => axis !== k + 2)) {
      throw site.refuse(`reduces axes ${listed.join(', ')}`, 'all axes behind the channels');
    }
    return site.integer('keepdims', 1) !== 0 ? pooled : { ...pooled, shape: pooled.shape.slice(0, 2) };
  },
};

function spatialOf(site: OperatorSite, { shape }: Signal): readonly number[] {
  if (shape.length === 3 || shape.length === 4) return shape.slice(2);
  throw site.refuse('does not get images or signals', '[batch, channels, length] or [batch, channels, height, width]');
}

function pool(
  site: OperatorSite,
  signal: Signal,
  { kernel, stride, before }: SlidingWindow,
  isMaximum: boolean,
): Signal {
  const list = (numbers: readonly number[]) => tensor(Float64Array.from(numbers));
  const parameters = { kernel_size: list(kernel), stride: list(stride), padding: list(before) };
  const type = `${isMaximum ? 'Max' : 'Avg'}Pool${kernel.length}d`;
  return { ...site.net.add(site.name, type, parameters, signal), isPositive: signal.isPositive };
}

/** Whether the windows end where the elements do, so that rounding up gives no further one. */
function endsWithLast({ kernel, stride, before, behind }: SlidingWindow, sizes: readonly number[]): boolean {
  return sizes.every((size, k) => (size + before[k]! + behind[k]! - kernel[k]!) % stride[k]! === 0);
}

/** Means of what is there: those at the rim, taken over zeros as well, are raised. */
function withoutPadding(site: OperatorSite, pooled: Signal, window: SlidingWindow, sizes: readonly number[]): Signal {
  const size = sampleSize(pooled);
  site.net.take(size);
  const pixels = pooled.physical.slice(1);
  const strides = stridesOf(pixels);
  const scale = Float64Array.from({ length: size }, (_, k) => {
    const counts = pixels.map((count, axis) => {
      const start = (Math.floor(k / strides[axis]!) % count) * window.stride[axis]! - window.before[axis]!;
      return Math.min(sizes[axis]!, start + window.kernel[axis]!) - Math.max(0, start);
    });
    return elementCount(window.kernel) / elementCount(counts);
  });
  return { ...site.net.affine(pooled, scale, Float64Array.of(0)), isPositive: pooled.isPositive };
}
