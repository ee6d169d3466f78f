/**
 * Reads and writes HDF5 (The HDF Group, "HDF5 File Format Specification", version 3.0; comments name its sections), as
 * far as files of numbers and texts need it.
 */
export { ReadingMemory } from '../reading-memory.ts';
export { readHdf5 } from './read/read.ts';
export { isHdf5 } from './read/superblock.ts';
export type * from './tree.ts';
export { type Hdf5WriteOptions, writeHdf5 } from './write/write.ts';
