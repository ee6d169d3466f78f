import type { DataSet } from '@spikewire/engine/data';
import type { Model, ResolvedGraph, Shape } from '@spikewire/models';
import type { Value } from '../graph/operations/value.ts';
import type { LearnedParameter } from '../lowering/learned.ts';
import type { PlacedNode } from '../lowering/placed.ts';

/** The net whose weights are held. */
export interface ConstraintSite {
  readonly model: Model;
  readonly graph: ResolvedGraph;
  readonly learned: readonly LearnedParameter[];
  readonly trainingNodes: readonly PlacedNode[];
}

/** A constraint for a net that is known. */
export type ConstraintFor = (site: ConstraintSite) => Constraint;

/**
 * What holds weights while they are learned: connections compute with a function of them, gradients change what is
 * behind it. Each parameter that is held has an array beside it, which is set from outside the program now and then.
 */
export interface Constraint {
  /** What the array is called, behind the name of the parameter and a slash. */
  readonly key: string;
  /** By the name of each parameter that is held, the shape of its array, which starts as ones. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** What connections compute with in the place of a parameter. */
  lower(name: string, weights: Value, array: Value): Value;
  /** Sets the arrays anew. */
  set(state: ConstrainedState): void;
  /** Whether what is held is, at this share of all steps, not yet held as it will be. */
  pending?(progress: number): boolean;
  /** The learned numbers as the model gets them. */
  fold?(weights: Float32Array, array: Float32Array): Float32Array;
  /** The trained model in the form that it was trained for. */
  finish?(model: Model, data: DataSet): Model;
}

/** What a constraint sees of a training. */
export interface ConstrainedState {
  /** Its own array of a parameter, to be changed. */
  array(name: string): Float32Array;
  /** What has been learned so far, by name. */
  learned(name: string): Float32Array;
  /** The model as it would now come out. */
  model(): Model;
  /** 0 … 1 of all steps. */
  readonly progress: number;
}
