import { type ConvolutionConnectivity, LEARNED_MAXIMUM, type TensorData } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import { encode } from '../kernels/instructions.ts';
import type { Layout } from '../layout.ts';
import type { Packing, WeightFormat } from '../packed-weights.ts';
import { sourceOperands, suffixOf } from '../sums.ts';
import { type ConvolutionSite, multiplesOf, patternsOf } from './convolution-tables.ts';
import type { ConnectionSite, Lowering } from './lowering.ts';
import { packWeights, placeWeights } from './weights.ts';
import { windowOperands } from './window-operands.ts';

/** Every event adds its taps to the windows it falls into. */
export const convolve: Lowering<ConvolutionConnectivity> = (draft, connection) => {
  const { index, connectivity, arrival, sums } = connection;
  const { memory, structure, placed, learned } = draft;
  const weights = placeTaps(draft, connection);
  const { shift, unit } = placed.weightsOf(index);
  const isLearned = learned.has(index);
  const largest = isLearned ? LEARNED_MAXIMUM : largestKept(connectivity.weights!, unit);
  const largestValue = structure.largestCount(index);
  const { geometry, transposed: apart = [1, 1] } = connectivity;
  const site = { memory, arrival, geometry, apart, weights, shift, sums, largest, isLearned, largestValue };
  draft.append(planConvolution(site));
};

/** Numbers that are not whole are added besides: the few taps of a convolution lie there twice. */
function placeTaps(draft: Draft, site: ConnectionSite<ConvolutionConnectivity>): number {
  const { index, connectivity, sums } = site;
  const placed = draft.weights.get(index);
  if (placed !== undefined) {
    return packWeights(draft, packTaps(connectivity, sums.layout, 'float32'), connectivity.weights!, placed.unit);
  }
  const format = draft.placed.weightsOf(index).isInteger ? 'int16' : 'float32';
  return placeWeights(draft, site, packTaps(connectivity, sums.layout, format));
}

/** A whole number that no weight is beyond, in units. */
function largestKept(weights: TensorData, unit: number): number {
  let largest = unit;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  return Math.ceil(largest / unit);
}

/**
 * [input channels][kernel height][kernel width, reversed][output channels], the last padded unless there are groups. A
 * transposed convolution's rows are the ones that are reversed, because its taps count from the other end.
 */
function packTaps({ geometry, transposed }: ConvolutionConnectivity, target: Layout, format: WeightFormat): Packing {
  const { inputChannels, outputChannels, kernel, groups } = geometry;
  const [height, width] = kernel;
  const inputsPerGroup = inputChannels / groups;
  const outputsPerGroup = outputChannels / groups;
  const run = groups > 1 ? outputsPerGroup : target.stride;
  return {
    format,
    length: inputChannels * height * width * run,
    paired: false,
    position(k) {
      const column = k % width;
      const row = Math.floor(k / width) % height;
      const input = Math.floor(k / (width * height)) % inputsPerGroup;
      const output = Math.floor(k / (width * height * inputsPerGroup));
      const channel = Math.floor(output / outputsPerGroup) * inputsPerGroup + input;
      const [y, x] = transposed === undefined ? [row, width - 1 - column] : [height - 1 - row, column];
      const tap = (channel * height + y) * width + x;
      return tap * run + (groups > 1 ? output % outputsPerGroup : output);
    },
    strides: undefined,
  };
}

/** By the quickest kernel that there is for the geometry, the sums and what arrives. */
export function planConvolution(site: ConvolutionSite): number[] {
  const operands = convolutionOperands(site);
  const table = patternsOf(site);
  if (table !== undefined) return encode('addPatterns', { ...operands, table });
  const multiples = multiplesOf(site);
  if (multiples !== undefined) {
    return encode('gather', { ...operands, multiples: multiples.address, multipleBytes: multiples.bytes });
  }
  return encode(`convolve${suffixOf[site.sums.format]}`, operands);
}

function convolutionOperands({ memory, arrival, geometry, apart, weights, shift, sums, largest }: ConvolutionSite) {
  return {
    ...sourceOperands(arrival),
    weights,
    accumulator: sums.address,
    shift,
    ...windowOperands(geometry),
    dilationY: geometry.dilation[0],
    dilationX: geometry.dilation[1],
    apartY: apart[0],
    apartX: apart[1],
    stride: sums.layout.stride,
    inputsPerGroup: geometry.inputChannels / geometry.groups,
    outputsPerGroup: geometry.outputChannels / geometry.groups,
    groups: geometry.groups,
    partial: sums.format === 'int32' ? memory.reserve(2 * sums.layout.length) : 0,
    largest,
  };
}
