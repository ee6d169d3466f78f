import type { RecordingFormat } from '@spikewire/models';
import { readNirData } from './nir-data/read.ts';
import { writeNirData } from './nir-data/write.ts';

/** Recordings of nodes beside a NIR graph, an HDF5 file as `nir.write_data` makes it. */
export const nirData: RecordingFormat = {
  name: 'nirdata',
  summary: 'recordings beside a NIR graph (NIRData)',
  extensions: ['.nirdata', '.nir', '.h5', '.hdf5'],
  read: readNirData,
  write: writeNirData,
};
