import { elementCount } from '@spikewire/models';
import { list } from './net-writer.ts';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { placeOf, repeatingStrides, stridesOf } from './strides.ts';
import { type Signal, sampleSize } from './value.ts';
import { paddedSizes, windowOf, withPadding } from './window.ts';

/** Means and maxima over windows that slide along one or two axes. */
export const pooling: OnnxOperator = {
  types: ['AveragePool', 'MaxPool'],
  takesPadding: true,
  apply(site) {
    const given = site.inOrder(site.signal(0));
    refuseOtherRanks(site, given);
    const sizes = paddedSizes(given, 2);
    const window = windowOf(site, sizes, site.integers('kernel_shape') ?? []);
    if (site.integer('ceil_mode', 0) !== 0 && !endsWithLast(window, sizes)) {
      throw site.refuse('has a last window that is not whole', 'ceil_mode 0');
    }
    if (window.dilation.some((step) => step !== 1)) throw site.refuse('has a dilated window', 'dilations 1');
    const isMaximum = site.node.operator === 'MaxPool';
    // Zeros around are the same as nothing for maxima of what is never below 0, and for means that count them.
    const countsZeros = isMaximum
      ? given.isPositive
      : site.integer('count_include_pad', 0) !== 0 || !hasPadding(window);
    if (countsZeros) return overZeros(site, given, window, isMaximum);
    if (!isEven(window)) {
      const problem = `pads ${window.before.join(', ')} before and ${window.behind.join(', ')} behind`;
      throw site.refuse(problem, 'equal padding on both sides');
    }
    const signal = site.net.padded(site.name, given);
    const pooled = pool(site, signal, window, isMaximum);
    return isMaximum ? pooled : withoutPadding(site, pooled, window, sizes);
  },
};

/** Means and maxima over all of an image or a signal. */
export const globalPooling: OnnxOperator = {
  types: ['GlobalAveragePool', 'GlobalMaxPool', 'ReduceMean', 'ReduceMax'],
  apply(site) {
    const { node, net, name } = site;
    const isReducing = node.operator.startsWith('Reduce');
    const settled = net.settle(name, site.signal(0));
    const reduced = isReducing ? reducedAxes(site, settled) : settled.shape.slice(2).map((_, k) => k + 2);
    const isInOrder = reduced.length === settled.shape.length - 2 && reduced.every((axis, k) => axis === k + 2);
    const signal = isInOrder ? site.inOrder(settled) : settled;
    const channels = channelsOf(site, signal, reduced);
    const sizes = signal.physical.slice(1);
    const pooled = /Max/.test(node.operator)
      ? pool(site, signal, { kernel: sizes, stride: sizes, before: sizes.map(() => 0) }, true)
      : { ...net.add(name, `GlobalAvgPool${sizes.length}d`, {}, signal), isPositive: signal.isPositive };
    const keeps = !isReducing || site.integer('keepdims', 1) !== 0;
    const shape = signal.shape.map((size, axis) => (reduced.includes(axis) ? 1 : size));
    const order = channels.some((channel, k) => channel !== k) && { order: channels };
    return { ...pooled, ...order, shape: keeps ? shape : shape.filter((_, axis) => !reduced.includes(axis)) };
  },
};

function reducedAxes(site: OperatorSite, { shape }: Signal): number[] {
  const listed = site.numbers('axes', 1) ?? [];
  return listed.map((axis) => site.axis(axis, shape.length)).sort((a, b) => a - b);
}

/** Of what comes out the channel that each element is of: what is reduced has to be all pixels of a channel. */
function channelsOf(site: OperatorSite, { shape, physical, order }: Signal, reduced: readonly number[]): Int32Array {
  const pixels = elementCount(physical.slice(1));
  const kept = shape.map((size, axis) => (reduced.includes(axis) ? 1 : size));
  const strides = repeatingStrides(kept);
  site.net.take(elementCount(physical));
  const channels = new Int32Array(elementCount(kept)).fill(-1);
  const isWhole = channels.length * pixels === elementCount(physical) && channels.length === physical[0];
  const fits = (element: number) => {
    const at = placeOf(element, shape, strides);
    const channel = Math.floor((order?.[element] ?? element) / pixels);
    if (channels[at] === -1) channels[at] = channel;
    return channels[at] === channel;
  };
  const isSpatial = physical.length === 2 || physical.length === 3;
  if (
    isSpatial &&
    isWhole &&
    !reduced.includes(0) &&
    Array.from({ length: elementCount(physical) }, (_, k) => k).every(fits)
  ) {
    return channels;
  }
  const expected = 'all axes behind the channels, of images or signals';
  throw site.refuse(`reduces axes ${reduced.join(', ') || 'of no number'}`, expected);
}

function refuseOtherRanks(site: OperatorSite, { shape }: Signal): void {
  if (shape.length === 3 || shape.length === 4) return;
  throw site.refuse('does not get images or signals', '[batch, channels, length] or [batch, channels, height, width]');
}

/** Padding of the window, and what waits around the signal, as zeros: of the pooling, or before it where uneven. */
function overZeros(site: OperatorSite, given: Signal, window: SlidingWindow, isMaximum: boolean): Signal {
  const { net, name } = site;
  const whole = withPadding(window, given);
  const { padding: _, ...inside } = given;
  if (isEven(whole)) return pool(site, net.settle(name, inside), whole, isMaximum);
  const zeros = whole.before.map(() => 0);
  const padding = { before: [0, 0, ...whole.before], behind: [0, 0, ...whole.behind] };
  return pool(site, net.padded(name, { ...inside, padding }), { ...whole, before: zeros }, isMaximum);
}

const hasPadding = ({ before, behind }: SlidingWindow) => [...before, ...behind].some((count) => count > 0);
const isEven = ({ before, behind }: SlidingWindow) => before.every((count, k) => count === behind[k]);

function pool(
  site: OperatorSite,
  signal: Signal,
  { kernel, stride, before }: Pick<SlidingWindow, 'kernel' | 'stride' | 'before'>,
  isMaximum: boolean,
): Signal {
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
