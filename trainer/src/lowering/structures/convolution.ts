import type { ConvolutionConnectivity } from '@spikewire/models';
import { convolve } from '../../graph/convolution.ts';
import { reshape } from '../../graph/reshape.ts';
import { full } from '../full.ts';
import type { LowerStructure } from '../structure.ts';

/** Along one axis as along two, with a height of 1. */
export const convolution: LowerStructure<ConvolutionConnectivity> = ({ connectivity, shape, parameter }) => {
  const { geometry } = connectivity;
  const { inputChannels, outputChannels, inputSize, kernel, groups } = geometry;
  const weight = reshape(parameter('weight')!, [outputChannels, inputChannels / groups, ...kernel]);
  const bias = parameter('bias');
  const offsets = bias && full(bias, [outputChannels]);
  return {
    apply(rows) {
      const images = reshape(rows, [rows.shape[0]!, inputChannels, ...inputSize]);
      return reshape(convolve(images, weight, offsets, geometry), [rows.shape[0]!, ...shape]);
    },
  };
};
