import type { Connectivity } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import type { Stream } from '../program.ts';
import type { Sums } from '../sums.ts';

/** A connection to be laid out: what arrives, and where it adds. */
export interface ConnectionSite<C extends Connectivity = Connectivity> {
  readonly index: number;
  readonly connectivity: C;
  readonly arrival: Stream;
  readonly sums: Sums;
}

/** Appends the instructions of a connection of one structure, and lays out what they need. */
export type Lowering<C extends Connectivity = Connectivity> = (draft: Draft, site: ConnectionSite<C>) => void;

/** The lowering of each structure. */
export type Lowerings = {
  readonly [Structure in Connectivity['structure']]: Lowering<Extract<Connectivity, { structure: Structure }>>;
};
