import type { Engine } from '../engine.ts';

/** What an executor can run, known before anything is opened. What is absent is as memory allows. */
export interface Abilities {
  /** Most neurons and synapses of a net. */
  readonly neurons?: number;
  readonly synapses?: number;
  /** Bits of weights: 32 are those of a float model. */
  readonly weightBits: readonly (32 | 8 | 4)[];
  /** Types of nodes between Inputs and Outputs; absent: all. */
  readonly kinds?: readonly string[];
  /** Rules that may change weights; absent: all, empty: none. */
  readonly rules?: readonly string[];
  /** Whether events come in windows of steps, or at any time as well. */
  readonly runs: 'windows' | 'streams';
}

/** What an engine of this machine can run. */
export function abilitiesOf({ weightBits = [32, 8, 4] }: Pick<Engine, 'weightBits'>): Abilities {
  return { weightBits, runs: 'windows' };
}
