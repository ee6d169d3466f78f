import type { RandomGenerator, Shape } from '@spikewire/models';
import type { Value } from '../graph/operations/value.ts';
import type { Signal } from './signal.ts';

/** An array of a node of training. */
export interface NodeArray {
  readonly shape: Shape;
  /** What all its numbers are before the first step. */
  readonly start: number;
  /**
   * What changes it: the optimiser, by its gradient; the node itself, with each step; or a generator before each step,
   * and then it has such an array for each sample of the batch.
   */
  readonly changedBy: 'optimiser' | 'node' | 'generator';
}

/**
 * A node of training only: what a node of the model emits goes through it while the net learns. It is not in the model
 * that comes out: what it has learned is folded into the connection in front of it.
 */
export interface TrainingNode {
  /** What it is called, behind the name of the node that it follows. */
  readonly type: string;
  /** Parameters of the node in front that change nothing behind this one, and so are not learned. */
  readonly idle?: readonly string[];
  /** Its arrays by key, for what the node in front emits for a sample in a step. */
  arrays(shape: Shape): Readonly<Record<string, NodeArray>>;
  /** In the form that learns, or in the one that is evaluated. */
  lower(array: (key: string) => Value, learns: boolean): LoweredTrainingNode;
  /** Fills the arrays that a generator changes. */
  draw?(array: (key: string) => Float32Array, random: RandomGenerator): void;
  /** The evaluated form as an affine map of each channel; absent where that form changes nothing. */
  fold?(array: (key: string) => Float32Array): ChannelMap;
}

/** A node of training in a graph, over the samples of a batch. */
export interface LoweredTrainingNode {
  /** All steps. */
  over(signal: Signal): Signal;
  /** One step, for what lies in a cycle; absent where all steps have to be known. */
  step?(value: Value): Value;
  /** Arrays that it changes itself, by key, as they are after the step of training; known once it is over a signal. */
  readonly next?: Readonly<Record<string, Value>>;
}

/** The evaluated form of one that then changes nothing. */
export const unchanged: LoweredTrainingNode = { over: (signal) => signal, step: (value) => value };

/** factor·x + summand, one of each per channel: the second dimension of [rows, channels, …]. */
export interface ChannelMap {
  readonly factors: Float64Array;
  readonly summands: Float64Array;
}
