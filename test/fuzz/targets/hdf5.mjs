import { readdirSync, readFileSync } from 'node:fs';
import { ReadingMemory, readHdf5, writeHdf5 } from '@spikewire/exchange/hdf5';
import { mutateHdf5, sealedFile } from '../hdf5-mutations.mjs';
import { readAll } from '../hdf5-values.mjs';
import { pick } from '../mutations.mjs';

const MOST_BYTES = 4e6;
/** Nets have the same parts over and over. */
const FEW = 4;

/**
 * HDF5 files of each version of the library and of this writer, damaged: a tree with all values, or one clear error.
 */
export const hdf5 = {
  name: 'hdf5',
  create() {
    const [samples, nets] = [filesOf('hdf5'), filesOf('nir').slice(0, FEW)];
    const own = nets.map((bytes) => writeHdf5(readHdf5(bytes), { gzip: 1 }));
    const seeds = [...samples, ...nets, ...own].map(sealedFile);
    return (random) => {
      readAll(readHdf5(mutateHdf5(pick(random, seeds), random), new ReadingMemory(MOST_BYTES, 'a smaller file')));
      return true;
    };
  },
};

function filesOf(folder) {
  const place = new URL(`../../golden/data/${folder}/`, import.meta.url);
  const names = readdirSync(place).filter((name) => /\.(h5|nir)$/.test(name));
  return names.map((name) => new Uint8Array(readFileSync(new URL(name, place))));
}
