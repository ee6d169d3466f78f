import type { Connectivity } from '@spikewire/models';
import { allButOne } from './all-but-one.ts';
import { convolution } from './convolution.ts';
import { copying } from './copying.ts';
import { dense } from './dense.ts';
import { elementwise } from './elementwise.ts';
import { pooling } from './pooling.ts';
import { sparse } from './sparse.ts';
import type { ConnectionSite, LowerStructure, RowMap } from './structure.ts';

/** A selection has a state and is no function of rows. */
type Mapping = Exclude<Connectivity, { structure: 'selection' }>;

type Lowerings = {
  readonly [Name in Mapping['structure']]: LowerStructure<Extract<Connectivity, { structure: Name }>>;
};

/** Every structure. A new one is a file of its own and a line here. */
const structures: Lowerings = { dense, convolution, pooling, elementwise, sparse, copying, 'all-but-one': allButOne };

export function lowerStructure(site: ConnectionSite<Mapping>): RowMap {
  return (structures[site.connectivity.structure] as LowerStructure<Mapping>)(site);
}
