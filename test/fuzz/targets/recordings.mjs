import { readFileSync } from 'node:fs';
import { readAedat, readNMnist, readPropheseeDat } from 'spikewire';
import { mutateBytes, pick } from '../mutations.mjs';

const NAMES = ['two.aedat', 'three.aedat', 'plain.aedat4', 'lz4.aedat4', 'lz4-high.aedat4', 'zstd.aedat4'];
/** Bytes of memory that a recording may take. */
const MEMORY = 2 ** 20;

/** Recordings of address events, right ones and damaged ones: they are read, or refused in a line. */
export const recordings = {
  name: 'recordings',
  create() {
    const files = NAMES.map((name) =>
      readFileSync(new URL(`../../golden/data/address-events/${name}`, import.meta.url)),
    );
    const dat = Buffer.concat([Buffer.from('% Version 2\n\x00\x0c', 'latin1'), Buffer.alloc(64)]);
    const readers = [
      ...files.map((bytes) => [bytes, (given) => readAedat(given, MEMORY)]),
      [Buffer.alloc(50), readNMnist],
      [dat, readPropheseeDat],
    ];
    return async (random) => {
      const [seed, read] = pick(random, readers);
      read(random.nextInteger(8) === 0 ? seed : mutateBytes(Buffer.from(seed), random));
      return true;
    };
  },
};
