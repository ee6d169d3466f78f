import type { Connectivity, Shape } from '@spikewire/models';
import type { Value } from '../../graph/operations/value.ts';

/** A connection that is lowered. */
export interface ConnectionSite<Structure extends Connectivity = Connectivity> {
  readonly connectivity: Structure;
  /** Of one step, without the batch. */
  readonly inputShape: Shape;
  readonly shape: Shape;
  /** A number parameter of the node, learned or constant; undefined where the node leaves it out. */
  parameter(key: string): Value | undefined;
}

/** A function of rows, from [rows, …inputShape] to [rows, …shape]. */
export interface RowMap {
  apply(rows: Value): Value;
  /** Whether steps that stand apart go through one by one, and stay in the cache. */
  readonly stepwise?: boolean;
}

/** What a structure of connections computes: one file, one line in the index. */
export type LowerStructure<Structure extends Connectivity> = (site: ConnectionSite<Structure>) => RowMap;
