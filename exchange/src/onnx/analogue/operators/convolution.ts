import { elementCount, type ParameterValue, scalar, tensor } from '@spikewire/models';
import { list } from './net-writer.ts';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import { evenPadding, type SlidingWindow } from './sliding-window.ts';
import { type Constant, type Signal, spreadAt } from './value.ts';
import { paddedSizes, windowOf, withPadding } from './window.ts';

/** Convolution along one or two axes. */
export const convolution: OnnxOperator = {
  types: ['Conv'],
  takesPadding: true,
  apply(site) {
    const [signal, weight, bias] = [site.signal(0), site.constant(1), site.optionalConstant(2)];
    const axes = signal.shape.length - 2;
    if ((axes !== 1 && axes !== 2) || weight.shape.length !== axes + 2) {
      throw site.refuse(`has a weight of ${weight.shape.length} dimensions`, 'a convolution along one or two axes');
    }
    const sizes = paddedSizes(signal, 2);
    const window = withPadding(windowOf(site, sizes, weight.shape.slice(2)), signal);
    const isRow = axes === 2 && signal.physical.length === 2 && weight.shape[2] === 1;
    return isRow ? alongRow(site, signal, weight, bias, window) : convolved(site, signal, weight, bias, window);
  },
};

/** A signal of one axis that stands as an image of one row. */
function alongRow(
  site: OperatorSite,
  signal: Signal,
  weight: Constant,
  bias: Constant | undefined,
  window: SlidingWindow,
): Signal {
  const [batch, channels, height, width] = signal.shape;
  if (height !== 1 || window.before[0] !== 0 || window.behind[0] !== 0)
    return convolved(site, signal, weight, bias, window);
  const narrow = (list: readonly number[]) => list.slice(1);
  const [outputs, inputs, , taps] = weight.shape;
  const found = convolved(
    site,
    { ...signal, shape: [batch!, channels!, width!] },
    { ...weight, shape: [outputs!, inputs!, taps!] },
    bias,
    {
      kernel: narrow(window.kernel),
      stride: narrow(window.stride),
      dilation: narrow(window.dilation),
      before: narrow(window.before),
      behind: narrow(window.behind),
    },
  );
  return { ...found, shape: [batch!, found.physical[0]!, 1, found.physical[1]!] };
}

function convolved(
  site: OperatorSite,
  given: Signal,
  weight: Constant,
  summand: Constant | undefined,
  window: SlidingWindow,
): Signal {
  const { net, name } = site;
  const groups = site.integer('group', 1);
  const [outputs, inputs] = weight.shape;
  const channels = given.shape[1]!;
  if (groups < 1 || inputs! * groups !== channels || outputs! % groups !== 0 || outputs! < 1) {
    throw site.refuse(`has a weight for ${inputs} channels in ${groups} groups`, `${channels} channels in all`);
  }
  const { padding: _padding, ...ordered } = site.inOrder(given);
  const hasPadding = [...window.before, ...window.behind].some((count) => count > 0);
  const isTaken = takesUp(ordered, channels, hasPadding);
  const { scale, shift, ...signal } = isTaken ? ordered : net.settle(name, ordered);
  net.take(weight.data.length);
  const values = Float32Array.from(weight.data);
  const bias = biasOf(site, summand, outputs!);
  const taps = elementCount(weight.shape.slice(2));
  for (let k = 0; k < values.length; k++) {
    const output = Math.floor(k / (taps * inputs!));
    const channel = Math.floor(output / (outputs! / groups)) * inputs! + (Math.floor(k / taps) % inputs!);
    if (shift !== undefined) bias[output]! += values[k]! * spreadAt(shift, channel, channels);
    if (scale !== undefined) values[k]! *= spreadAt(scale, channel, channels);
  }
  const even = evenPadding(net, { data: values, shape: weight.shape }, window);
  const parameters: Record<string, ParameterValue> = {
    weight: tensor(even.data, even.shape),
    ...(bias.some((value) => value !== 0) && { bias: tensor(bias) }),
    stride: list(window.stride),
    padding: list(even.padding),
    dilation: list(even.dilation),
    groups: scalar(groups),
  };
  return net.add(name, even.shape.length === 3 ? 'Conv1d' : 'Conv2d', parameters, signal);
}

/** Whether weights can take up what waits: not a summand where zeros stand around, which it does not reach. */
function takesUp({ scale, shift }: Signal, channels: number, hasPadding: boolean): boolean {
  const isOfChannels = [scale, shift].every(
    (spread) => spread === undefined || spread.length === 1 || spread.length === channels,
  );
  return isOfChannels && !(hasPadding && shift?.some((value) => value !== 0));
}

function biasOf(site: OperatorSite, summand: Constant | undefined, outputs: number): Float64Array {
  if (summand === undefined) return new Float64Array(outputs);
  if (summand.data.length !== outputs) throw site.refuse(`has a bias of ${summand.data.length} numbers`, `${outputs}`);
  return Float64Array.from(summand.data);
}
