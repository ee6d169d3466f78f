import type { NeuronKind, ResolvedNode } from '@spikewire/models';
import type { SpikeAttributes } from '../../graph/operations/spike.ts';
import type { Value } from '../../graph/operations/value.ts';
import type { Coefficient } from './coefficient.ts';

/** How spikes are learned through. */
export interface SpikeTraining extends Omit<SpikeAttributes, 'comparison'> {
  /** Whether the gradient goes through the reset as well; usually it does not. */
  readonly throughReset?: boolean;
  /** Derivative of a spike by its membrane where it needs the neuron's own spikes, in the place of `surrogate`. */
  readonly ofHistory?: HistorySlope;
  /** Derivative of spikes where it needs all of a sample, in the place of `surrogate`; not in cycles. */
  readonly ofTrain?: TrainSlope;
  /**
   * Spikes whose gradient is another one than that through membranes, for those of all steps and what arrived for them;
   * `answers` where they are the answer of the net. Not in cycles.
   */
  readonly credit?: (spikes: readonly Value[], arriving: readonly Value[], answers: boolean) => readonly Value[];
}

/**
 * For a population that begins: the derivative of each spike by its membrane, asked for step after step with the spikes
 * of the step, through which no gradient goes.
 */
export type HistorySlope = () => (spikes: Value) => Value;

/**
 * Derivative of every spike of a train by what makes the membrane of its step, [batch, …], from the spikes of all
 * steps, through which no gradient goes.
 */
export type TrainSlope = (spikes: readonly Value[], neurons: SpikingNumbers) => Value;

/** What a spiking population that is linear between spikes computes with. */
export interface SpikingNumbers {
  readonly threshold: Coefficient;
  /** What is left of a membrane after a step. */
  readonly decay: Coefficient;
  /** What a membrane takes up of what arrives. */
  readonly gain: Coefficient;
}

/** A population that is lowered. */
export interface PopulationSite {
  readonly node: ResolvedNode;
  readonly kind: NeuronKind;
  readonly batch: number;
  readonly size: number;
  readonly spikes: SpikeTraining;
  /** The learned number behind a parameter of the node; undefined where it is not learned. */
  learned(key: string): Value | undefined;
}

/** Neurons that go from step to step, from their state at the start. */
export interface Population {
  /** What they emit [batch, …] for what arrives, one value per port. */
  step(arriving: readonly Value[]): Value;
  /** The membranes of each step so far, compared with the threshold and not yet reset. */
  readonly membranes: readonly Value[];
  /** Absent where it does not spike, or is not linear. */
  readonly spiking?: SpikingNumbers;
}
