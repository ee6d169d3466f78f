import type { Connectivity } from '../connections/connectivity.ts';
import type { NumberRange } from '../kept-numbers.ts';
import type { ThresholdCrossing } from '../neurons/neuron-kind.ts';
import type { ParameterTable } from '../parameters/declaration.ts';
import { readingFirst, type WrittenKind } from '../parameters/read.ts';

/**
 * A record of activity on one side of the learned synapses, one number per neuron, kept by the engine.
 * - `add`: each spike adds 1 (all-to-all), `set`: a spike sets it to 1 (nearest); both decay by e^(−dt/τ). With τ = 0
 *   it is this step's spikes.
 * - `rate`: a low-pass with gain 1/dt, so that its mean is the firing rate in Hz; τ = 0 is the unfiltered s/dt.
 * - `mean-square`: a low-pass with mean 1 of the square of another trace of the same side, `of` by its index there.
 * - `membrane`: the state v of the target as the step left it; post only.
 * - `rest`: above 0 while a neuron rests, `steps` of its own after that of a spike.
 */
export type TraceDeclaration = {
  /** Unique within its side of the rule. */
  readonly name: string;
  readonly side: 'pre' | 'post';
} & (
  | { readonly mode: 'add' | 'set' | 'rate' /** Seconds. */; readonly tau: number }
  | { readonly mode: 'mean-square' /** Seconds, > 0. */; readonly tau: number; readonly of: number }
  | { readonly mode: 'membrane' }
  | { readonly mode: 'rest'; readonly steps: ArrayLike<number> }
);

/** A trace as a rule reads it. */
export interface TraceView {
  /** The trace of neuron `n` of its side. */
  at(n: number): number;
}

/** What a rule sees, its traces in the order in which it declared them, each side for itself. */
export interface PlasticityView {
  readonly pre: readonly TraceView[];
  readonly post: readonly TraceView[];
  /** What a teacher gave for this step: one value per output, or one reward; only rules with a `signal` may read it. */
  readonly signal: Float64Array;
  /** What the rule remembers beside its traces. */
  readonly memory: RuleMemory;
}

/** Numbers of a rule's memory. */
export interface RuleNumbers {
  readonly length: number;
  readonly range: NumberRange;
}

/** A rule's own memory, one for a connection, by the names that its kind gives; kept by the engine. */
export type RuleMemory = Readonly<Record<string, Float32Array>>;

/** The change of one synapse from pre neuron `i` to post neuron `j`, a pure function. */
export type SynapseChange = (weight: number, i: number, j: number, view: PlasticityView) => number;

/**
 * A change that is linear in one trace and in the weight, so that an engine can apply it to all synapses of a neuron in
 * one tight loop: Δw = (factor·x + offset) · (constant + slope·w).
 *
 * Its row belongs to one neuron `n`: the spiking one for `onPre` (a pre neuron) and `onPost`, each post neuron for
 * `onStep` and `onSignal`. x is the trace of the neuron at the other end of each synapse. Rows with factor = offset = 0
 * cost nothing.
 */
export interface LinearChange {
  /** Index of x among the traces of the other side; absent: x = 1. */
  readonly trace?: number;
  factor(n: number, view: PlasticityView): number;
  offset?(n: number, view: PlasticityView): number;
  /** Absent: constant 1, slope 0. */
  readonly dependence?: { readonly constant: number; readonly slope: number };
}

/** One form or the other: the linear one is fast, the function can be anything. */
export type WeightChange = SynapseChange | LinearChange;

/**
 * A second memory between spikes and weights, one number per synapse: what `onPre`, `onPost` and `onStep` would change
 * is added to it instead, it decays by e^(−dt/τ), and a teaching signal changes each weight by factor(j) times it.
 */
export interface Eligibility {
  /** Seconds, > 0. */
  readonly tau: number;
  factor(j: number, view: PlasticityView): number;
  /**
   * Where the thresholds of the post neurons adapt: what a synapse has done to spikes has since raised the threshold. A
   * third memory s of each synapse, of all that went into its eligibility and with the threshold's own decay, then
   * lowers what comes in: a linear `onStep` becomes factor(j)·(x − rise_j·s).
   */
  readonly adaptation?: Fatigue;
}

/** A threshold that every spike raises, and that falls back by e^(−dt/τ) in a step, alike in all neurons. */
export interface Fatigue {
  /** Seconds; Infinity where it stays. */
  readonly tau: number;
  readonly rise: Float64Array;
}

/**
 * A learning rule with its numbers: what it remembers, and pure functions from that to changes of weights. The engine
 * owns the loops, the traces, the bounds and the number format.
 *
 * Order within a step (docs/semantics.md §4): traces decay; `onPre` for each arriving spike, then `onPost` for each
 * post spike, both seeing the traces without this step's spikes; traces take up this step's spikes; `onStep`, and
 * `onSignal` where a teacher spoke; bounds, rescaling.
 */
export interface PlasticityRule {
  /** `pre-first`: pre traces take up this step's spikes before `onPost`, whatever the connection declares. */
  readonly order?: 'pre-first';
  readonly traces: readonly TraceDeclaration[];
  readonly onPre?: WeightChange;
  readonly onPost?: WeightChange;
  /**
   * For a rule that has something to do in steps in which nothing arrives and nothing spikes. An engine then makes all
   * of them; without it, and without a mean square, it may pass over them at once.
   */
  readonly onStep?: WeightChange;
  readonly onSignal?: WeightChange;
  /** Sets the memory to what it is before anything was learned. */
  beginMemory?(memory: RuleMemory): void;
  /** Takes the activity that a teacher spoke of into the memory, before `onSignal`: once per teaching signal. */
  remember?(view: PlasticityView): void;
  readonly eligibility?: Eligibility;
}

/** What the rule needs to know about where it works. */
export interface PlasticitySite {
  /** What its errors start with: `learning of "fc"`. */
  readonly where: string;
  /** Step in seconds. */
  readonly dt: number;
  readonly inputs: number;
  readonly outputs: number;
  /** The one neuron node behind the connection; absent where there is none or more than one. */
  readonly target?: PlasticityTarget;
}

/** The crossing of a threshold is there where it spikes by that alone. */
export interface PlasticityTarget extends Partial<ThresholdCrossing> {
  readonly emits: 'spikes' | 'state';
  /** ∂output/∂v of a state that neuron j emits; 1 where absent. */
  readonly slope?: ((v: number, j: number) => number) | undefined;
}

/**
 * What a teacher's numbers mean, per output of the connection: `error` = actual − target; `target`, what the output
 * should have emitted; or one number for all, `reward`.
 */
export type TeachingSignal = 'error' | 'target' | 'reward';

/** A kind of learning rule: one file, one line in the index. */
export interface PlasticityKind {
  /** The name in `learning.<node>.rule`. */
  readonly rule: string;
  /** Parameters with which weights of about 1 change in 80 ms, for whatever is true of all rules. */
  readonly examples: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: ParameterTable;
  /**
   * Whether it can learn in integers (docs/semantics.md §4): its traces follow spikes, and its changes are multiples of
   * one of them.
   */
  readonly hasIntegerForm?: true;
  /** Undefined for unsupervised rules. */
  readonly signal: TeachingSignal | undefined;
  /** Where it can work; absent: on connections of every structure. */
  readonly structures?: readonly Connectivity['structure'][];
  /**
   * How many numbers its own memory has, by name, and what they may be: what it learns beside the weights, saved and
   * restored with them. With it the rule has `beginMemory` and `remember`.
   */
  memory?(size: { readonly inputs: number; readonly outputs: number }): Readonly<Record<string, RuleNumbers>>;
  /** Throws `learning` for parameters that are wrong, and where the rule cannot work at the site. */
  prepare(parameters: Readonly<Record<string, unknown>>, site: PlasticitySite): PlasticityRule;
}

/** A rule as its file writes it. */
export function plasticityKind<const Table extends ParameterTable>(
  kind: WrittenKind<PlasticityKind, Table>,
): PlasticityKind {
  return { ...kind, prepare: readingFirst(`rule "${kind.rule}"`, kind.parameters, kind.prepare, 'learning') };
}
