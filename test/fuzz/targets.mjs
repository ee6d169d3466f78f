import { dataFiles } from './targets/data-files.mjs';
import { hdf5 } from './targets/hdf5.mjs';
import { http } from './targets/http.mjs';
import { modelFiles } from './targets/model-files.mjs';
import { networks } from './targets/networks.mjs';
import { netxFiles } from './targets/netx.mjs';
import { nirFiles } from './targets/nir.mjs';
import { payloads } from './targets/payloads.mjs';
import { recordings } from './targets/recordings.mjs';
import { repository } from './targets/repository.mjs';
import { states } from './targets/states.mjs';

/** What is fuzzed; of every so many cases each gets its share. */
export const targets = [
  { ...modelFiles, share: 4 },
  { ...networks, share: 5 },
  { ...payloads, share: 10 },
  { ...hdf5, share: 2 },
  { ...nirFiles, share: 2 },
  { ...netxFiles, share: 1 },
  { ...http, share: 1 },
  { ...dataFiles, share: 1 },
  { ...recordings, share: 1 },
  { ...repository, share: 2 },
  { ...states, share: 2 },
];
