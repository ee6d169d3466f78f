import { type ImmediateFormat, SpikewireError } from '@spikewire/models';
import { isNetx, readNetx, stepRules } from '../netx/index.ts';

/** Nets of Intel's lava-dl, an HDF5 file. */
export const netx: ImmediateFormat = {
  name: 'netx',
  summary: 'integer nets for Loihi, written by lava-dl (slayer); format netx',
  extensions: ['.net'],
  sniff: isNetx,
  stepRules,
  read(bytes, { step, repair } = {}, memory) {
    if (repair === true)
      throw new SpikewireError('usage', 'model', 'is netx, which has no edges to repair', 'no repair');
    return readNetx(bytes, { step, memory });
  },
};
