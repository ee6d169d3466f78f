import type { Connectivity } from '@spikewire/models';
import type { ConnectionSite, LowerStructure, RowMap } from '../structure.ts';
import { allButOne } from './all-but-one.ts';
import { convolution } from './convolution.ts';
import { dense } from './dense.ts';
import { elementwise } from './elementwise.ts';
import { pooling } from './pooling.ts';
import { selection } from './selection.ts';
import { sparse } from './sparse.ts';

type Lowerings = {
  readonly [Name in Connectivity['structure']]: LowerStructure<Extract<Connectivity, { structure: Name }>>;
};

/** Every structure. A new one is a file of its own and a line here. */
const structures: Lowerings = { dense, convolution, pooling, elementwise, sparse, selection, 'all-but-one': allButOne };

export function lowerStructure(site: ConnectionSite): RowMap {
  return (structures[site.connectivity.structure] as LowerStructure<Connectivity>)(site);
}
