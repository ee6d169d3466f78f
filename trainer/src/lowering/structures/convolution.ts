import type { ConvolutionConnectivity } from '@spikewire/models';
import { convolve } from '../../graph/convolution.ts';
import { full } from '../full.ts';
import type { LowerStructure } from '../structure.ts';

export const convolution: LowerStructure<ConvolutionConnectivity> = ({ connectivity: { geometry }, parameter }) => {
  const weight = parameter('weight')!;
  const bias = parameter('bias');
  const offsets = bias && full(bias, [geometry.outputChannels]);
  return { apply: (rows) => convolve(rows, weight, offsets, geometry) };
};
