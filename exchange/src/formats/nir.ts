import type { ImmediateFormat } from '@spikewire/models';
import { isHdf5 } from '../hdf5/index.ts';
import { modelUnder, nearestNir, readNir, stepRules, writeNir } from '../nir/index.ts';

/** Nets in the Neuromorphic Intermediate Representation, an HDF5 file. */
export const nir: ImmediateFormat = {
  name: 'nir',
  summary: 'Neuromorphic Intermediate Representation, the exchange format of other frameworks',
  extensions: ['.nir'],
  sniff: isHdf5,
  stepRules: Object.fromEntries(stepRules.map(({ name, summary }) => [name, summary])),
  read: (bytes, { step, repair } = {}, memory) => modelUnder(readNir(bytes, { memory, repair }), step),
  write: writeNir,
  nearest: nearestNir,
  compare: async (...given) => (await import('../fidelity/index.ts')).fidelityPage(...given),
};
