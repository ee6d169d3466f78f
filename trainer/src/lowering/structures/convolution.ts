import type { ConvolutionConnectivity, WindowGeometry } from '@spikewire/models';
import { shiftChannels } from '../../graph/operations/channels.ts';
import { convolve, convolveBack } from '../../graph/operations/convolution.ts';
import { gatherColumns } from '../../graph/operations/copies.ts';
import { reshape } from '../../graph/operations/reshape.ts';
import type { Value } from '../../graph/operations/value.ts';
import { full } from './full.ts';
import type { LowerStructure } from './structure.ts';

/** Along one axis as along two, with a height of 1. */
export const convolution: LowerStructure<ConvolutionConnectivity> = ({ connectivity, shape, parameter }) => {
  const { geometry, transposed } = connectivity;
  const { inputChannels, outputChannels, inputSize, kernel, groups } = geometry;
  const weight = reshape(parameter('weight')!, [outputChannels, inputChannels / groups, ...kernel]);
  const bias = parameter('bias');
  const offsets = bias && full(bias, [outputChannels]);
  const convolved =
    transposed === undefined
      ? (images: Value) => convolve(images, weight, offsets, geometry)
      : transposedBy(transposed, weight, offsets, geometry);
  return {
    apply(rows) {
      const images = reshape(rows, [rows.shape[0]!, inputChannels, ...inputSize]);
      return reshape(convolved(images), [rows.shape[0]!, ...shape]);
    },
  };
};

/** The way back through a window that slides over the output in these strides. */
function transposedBy(
  stride: readonly [number, number],
  weight: Value,
  offsets: Value | undefined,
  geometry: WindowGeometry,
): (images: Value) => Value {
  const { inputSize, outputSize, kernel, dilation, padding } = geometry;
  const cut = (axis: 0 | 1) => dilation[axis] * (kernel[axis] - 1) - padding[axis];
  const window = { ...geometry, stride, padding: [cut(0), cut(1)] as const };
  const [turned, back] = [byInputs(weight, geometry), { ...window, inputSize: outputSize, outputSize: inputSize }];
  return (images) => {
    const sums = convolveBack(images, turned, back);
    return offsets === undefined ? sums : shiftChannels(sums, offsets);
  };
}

/** Weights [out, in/groups, …kernel] as [in, out/groups, …kernel]. */
function byInputs(weight: Value, { inputChannels, outputChannels, kernel, groups }: WindowGeometry): Value {
  const [inputs, outputs, taps] = [inputChannels / groups, outputChannels / groups, kernel[0] * kernel[1]];
  const sources = Int32Array.from({ length: inputChannels * outputs * taps }, (_, k) => {
    const [input, output] = [Math.floor(k / (taps * outputs)), Math.floor(k / taps) % outputs];
    const row = Math.floor(input / inputs) * outputs + output;
    return (row * inputs + (input % inputs)) * taps + (k % taps);
  });
  const turned = gatherColumns(reshape(weight, [1, sources.length]), sources);
  return reshape(turned, [inputChannels, outputs, ...kernel]);
}
