import { modelFiles } from './targets/model-files.mjs';
import { networks } from './targets/networks.mjs';

/** What is fuzzed; of every so many cases each gets its share. */
export const targets = [
  { ...modelFiles, share: 2 },
  { ...networks, share: 6 },
];
