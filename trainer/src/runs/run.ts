import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import { type JsonValue, type Model, SpikewireError, type TensorData } from '@spikewire/models';
import type { Backend } from '../backend/backend.ts';
import type { EpochRecord } from './history.ts';
import type { Score, ScoreName } from './tally.ts';

/** Where a method works. */
export interface MethodSite {
  /** Samples to learn from in `training`; the others are for the test and are not looked at. */
  readonly data: DataSet;
  /** What is trained, where it is not to be written anew. */
  readonly model?: Model;
  readonly backend: Backend;
  /** Seed of everything random. */
  readonly seed: number;
  /** Told in a line what a person should know while the run goes on. */
  readonly warn?: (line: string) => void;
}

/** Where a running epoch is. */
export interface BatchReport {
  /** From 1: a pass over the samples. */
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
  /** Samples of a batch. */
  readonly size: number;
  /** Of the epoch so far. */
  readonly score: Score;
}

/** Everything of a run that changes: enough to go on bit for bit. */
export interface RunState {
  readonly arrays: Readonly<Record<string, TensorData>>;
  readonly progress: JsonValue;
}

/** Weights of one population as each neuron sees its inputs: one row per neuron, in the form of a sample. */
export interface WeightsSeen {
  readonly weights: ArrayLike<number>;
  /** Height and width of a neuron's weights. */
  readonly form: readonly [number, number];
}

/**
 * A method at work: goes on step by step, tells how far it is, can be saved and go on from what was saved, and ends
 * with a model. A kind of run is shared by methods: by gradient, by stream, direct, fitted.
 */
export interface Run {
  /** Epochs done. */
  readonly history: readonly EpochRecord[];
  readonly finished: boolean;
  /** Epochs there are at most, for the progress line. */
  readonly epochs: number;
  /** What its scores are named; absent: `accuracy`. */
  readonly scoreName?: ScoreName | undefined;
  /** Samples that the final evaluation may not have seen, and what they are for: for the model's card. */
  readonly samples: { readonly learned: LabelledSamples; readonly validation: LabelledSamples };
  /** The model as it begins, where the one at the end differs from it only in its numbers. */
  readonly beginning?: Model;
  /** What may be wrong with the plan, in one line each. */
  readonly warnings: readonly string[];
  /**
   * What the next step has to do first, where that takes long and hears no signal, such as making the next of several
   * stages; a step after it goes on at once. Nothing of it has to be saved.
   */
  readonly preparation?: (() => Promise<void>) | undefined;
  /**
   * Goes on by one batch; the last one of an epoch adds to the history. Rejects with `learning` where numbers are no
   * longer finite.
   */
  step(): Promise<BatchReport>;
  /** A copy, which later steps leave alone. */
  save(): RunState;
  /** What its neurons have learned to look for, where that can be seen. */
  readonly picture?: WeightsSeen | undefined;
  /** Rejects with `file`, with the path, where a state is of another net; nothing is changed then. */
  restore(state: RunState, path: string): Promise<void>;
  /** The model of a state, which is the best one of the run. */
  model(state: RunState): Model;
  close(): Promise<void>;
}

/**
 * Writes a state's arrays over a run's own. Throws `file`, with the path, where one is missing or of another length;
 * nothing is changed then.
 */
export function restoreArrays(
  own: Readonly<Record<string, TensorData>>,
  arrays: RunState['arrays'],
  path: string,
): void {
  const entries = Object.entries(own);
  for (const [name, { length }] of entries) {
    const found = arrays[name]?.length;
    if (found === length) continue;
    const problem = `has ${found ?? 'no'} numbers for "${name}"`;
    throw new SpikewireError('file', path, problem, `${length}, as the configuration says`);
  }
  for (const [name, array] of entries) array.set(arrays[name]!);
}

/** Copies, as they are now. */
export function copied(own: Readonly<Record<string, TensorData>>): RunState['arrays'] {
  return Object.fromEntries(Object.entries(own).map(([name, array]) => [name, array.slice()]));
}
