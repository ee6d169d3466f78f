import type { GraphNode } from '../graph/graph.ts';
import type { KindBase, NodeExample } from '../graph/kind.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { StateArray } from '../tensor.ts';
import type { Adaptation } from './adaptation.ts';
import type { Firing } from './firing.ts';

/** A population that is busy. */
export interface NeuronExample {
  readonly node: NodeExample;
  /** In seconds. */
  readonly dt: number;
  /** Size of the weights in front of it, such that spikes come. */
  readonly weight: number;
  /** A constant input beside what arrives. */
  readonly bias?: number;
}

/** A node with state: integrates what arrives and emits spikes or its state. */
export interface NeuronKind extends KindBase {
  readonly role: 'neuron';
  readonly examples: readonly NeuronExample[];
  /** What leaves it: spike counts, or the state after the update (LI, Lowpass). */
  readonly emits: 'spikes' | 'state';
  /**
   * How it spikes, where that is its membrane past a threshold and nothing else: what rules that learn by how near a
   * membrane is to a spike have to know.
   */
  crossing?(node: GraphNode, size: number, semantics: Semantics): ThresholdCrossing;
  /** ∂output/∂v of neuron i, where it emits its state and that is not v itself. */
  slope?(node: GraphNode, size: number): (v: number, i: number) => number;
  /** Names of its inputs where it has more than one. */
  readonly ports?: readonly string[];
  /** Choices that the model does not leave open, whatever `semantics` says. */
  readonly fixed?: Partial<Omit<Semantics, 'dt'>>;
  /** Ways in which its equations can be integrated; absent where all are defined. */
  readonly integrates?: readonly Semantics['integrate'][];
  /** Whether its states are whole numbers, which no engine may interpolate. */
  readonly isWhole?: true;
  /**
   * Longest dt in seconds with which its published constants still give its behaviour, where they are not parameters.
   */
  readonly longestStep?: number;
  /** The equations of a step with this node's numbers. */
  prepare(node: GraphNode, size: number, semantics: Semantics): NeuronDynamics;
  /**
   * The same step as decay, gain and bias, for models whose membrane is linear between spikes. With it a model runs in
   * the fast, integer and event-driven engines; without it in those that call `prepare`.
   */
  linear?(node: GraphNode, size: number, semantics: Semantics): LinearDynamics;
  /** The step of its integer form, where that is not the one of `linear` or `adaptive`. */
  integer?(node: GraphNode, size: number): LinearDynamics;
  /**
   * The same step for a membrane under an adaptive threshold, driven by a current or by conductances. With it a model
   * runs in the fast engine and, driven by a current, in the integer ones; undefined where the semantics integrate it
   * in a way that this form cannot say.
   */
  adaptive?(node: GraphNode, size: number, semantics: Semantics): AdaptiveDynamics | undefined;
}

/** A spike where v passes a threshold, which stays or is raised by the spikes before. */
export interface ThresholdCrossing {
  readonly firing: Firing;
  /** What raises the threshold, where it adapts. */
  readonly adaptation?: Adaptation;
}

/** A population's step as the reference engine runs it: readable, one neuron at a time. */
export interface NeuronDynamics {
  /** Every state variable by name with its start, one value per neuron; `v` is the membrane. */
  readonly initial: Readonly<Record<string, Float64Array>>;
  /**
   * All else that `step` keeps: its arrays, also within objects and lists, so that an engine can count what a net
   * takes.
   */
  readonly constants: readonly object[];
  /**
   * Advances neuron `i` by one step and returns what it emits: the number of spikes, or its state.
   * `inputs` has one array per port.
   */
  step(i: number, inputs: readonly StateArray[], state: Readonly<Record<string, StateArray>>): number;
}

/**
 * A step that is linear between spikes. Without `current`: v ← decay·v + gain·x + bias. With it (CubaLIF):
 * j ← current.decay·j + current.gain·x, then v ← decay·v + gain·j + bias. All arrays have one value per neuron.
 */
export interface LinearDynamics {
  readonly decay: Float64Array;
  readonly gain: Float64Array;
  readonly bias: Float64Array;
  readonly current?: { readonly decay: Float64Array; readonly gain: Float64Array };
  /** Absent for read-outs that never spike. */
  readonly firing?: Firing;
  /** What a read-out hands on at least and at most; absent: its state, whatever it is. */
  readonly floor?: Float64Array;
  readonly ceiling?: Float64Array;
  readonly initial: Readonly<Record<string, Float64Array>>;
}

/**
 * A step in this order: what arrives at port k adds to g_k; v ← v + share·(leak − v + pull); g_k ← decay_k·g_k; theta ←
 * decay·theta; a spike where v > threshold + theta, which raises theta. The pull of conductances is Σ g_k·(reversal_k −
 * v); of a current, resistance·x. All arrays have one value per neuron.
 */
export interface AdaptiveDynamics {
  readonly share: Float64Array;
  readonly leak: Float64Array;
  /** One conductance per port, or the one input as a current. */
  readonly drive: { readonly conductances: readonly Conductance[] } | { readonly resistance: Float64Array };
  readonly firing: Firing;
  readonly adaptation: Adaptation;
  /** v, theta, and every conductance under its name. */
  readonly initial: Readonly<Record<string, Float64Array>>;
}

export interface Conductance {
  /** The name of its state variable. */
  readonly name: string;
  /** What a step leaves of it. */
  readonly decay: Float64Array;
  /** The membrane to which it pulls. */
  readonly reversal: Float64Array;
}
