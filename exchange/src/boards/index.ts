import type { PublishedBoard } from '@spikewire/engine/executor';
import { loihi } from '../loihi/limits.ts';
import { akida } from './akida.ts';
import { brainScales1, brainScales2 } from './brainscales.ts';
import { dynapSe1, dynapSe2 } from './dynap.ts';
import { loihi2 } from './loihi2.ts';
import { neurogrid } from './neurogrid.ts';
import { spinnaker2 } from './spinnaker2.ts';
import { trueNorth } from './truenorth.ts';
import { xylo } from './xylo.ts';

/**
 * Boards without a driver, of which limits are published: what a model would meet there. A limit that no source names
 * is not guessed.
 */
export const boards: readonly PublishedBoard[] = [
  loihi,
  loihi2,
  trueNorth,
  brainScales1,
  brainScales2,
  neurogrid,
  spinnaker2,
  dynapSe1,
  dynapSe2,
  ...xylo,
  ...akida,
];
