import type { KeptState } from '@spikewire/models';
import type { SparseActivity } from '../../learn/sparse-activity.ts';
import type { Arrivals } from './arrivals.ts';

/**
 * One node of the graph at work. It is visited only when something arrived or when it has something to do by itself.
 */
export interface EventNode {
  /** By port. */
  readonly arrivals: readonly Arrivals[];
  /** What it emitted in the visit that is going on, ascending; without a visit its length is 0. */
  readonly emission: SparseActivity;
  /** When it next acts though nothing arrives; Infinity for never. */
  readonly next: number;
  /** Everything that changes, by name. */
  readonly saved: KeptState;
  readonly bytes: number;
  /** What it keeps besides, of which some may be the model's own; absent where there is none. */
  readonly retained?: readonly object[];

  visit(now: number): void;
  /** State as at the start; the start is the end of step `origin`, or that moment. */
  reset(origin: number): void;
  /** To be called after `saved` was overwritten from outside: the net started at `origin` and is done with `now`. */
  restored(origin: number, now: number): void;
  /** Names of state variables. */
  readonly variables: readonly string[];
  /** Writes a state variable at the end of `now`, one value per element. */
  readState(variable: string, now: number, into: Float64Array): void;
}

export const noVariables: Pick<EventNode, 'variables' | 'readState'> = {
  variables: [],
  readState() {},
};

/** Bytes of a node's arrays for arrivals and emissions, its saved arrays counted elsewhere. */
export function bytesOf(arrivals: readonly Arrivals[], ...activities: readonly SparseActivity[]): number {
  const lists = activities.map(({ index, value }) => index.byteLength + value.byteLength);
  return [...arrivals.map(({ bytes }) => bytes), ...lists].reduce((sum, bytes) => sum + bytes, 0);
}
