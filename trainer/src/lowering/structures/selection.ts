import { type SelectionConnectivity, SpikewireError } from '@spikewire/models';
import type { LowerStructure } from '../structure.ts';

export const selection: LowerStructure<SelectionConnectivity> = () => {
  throw new SpikewireError('unsupported', 'max pooling', 'cannot be trained', 'AvgPool2d or SumPool2d');
};
