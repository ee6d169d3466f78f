import type { Model } from '@spikewire/models';
import type { LoadOptions, RunningNetwork } from 'spikewire';

export interface SuiteLoadOptions extends LoadOptions {
  /**
   * Largest magnitude of graded input values; absent where inputs are spikes. An integer engine sets its input scale by
   * it.
   */
  readonly largestInput?: number;
}

/** Starts a net from a float model; what an integer engine does first is to quantise it. */
export type LoadModel = (model: Model, options?: SuiteLoadOptions) => RunningNetwork;

/** How far an engine's numbers may lie from the real ones. Spikes of the suite's cases are the same in every engine. */
export interface Tolerance {
  /** Error of a membrane, relative to the largest magnitude of the case. */
  readonly membrane: number;
  /** Error of what a read-out (LI, Lowpass) hands on, likewise. */
  readonly readOut: number;
}

/** The engine that another one is held against on random nets. */
export interface Oracle {
  readonly load: LoadModel;
  /**
   * Equal in every bit, weights after learning too; otherwise equal in spikes away from ties, and near in membranes.
   */
  readonly bitExact: boolean;
}

export interface EngineUnderTest {
  readonly load: LoadModel;
  readonly tolerance: Tolerance;
  readonly oracle: Oracle | undefined;
}
