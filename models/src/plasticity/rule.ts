import type { ParameterTable } from '../graph/parameter.ts';

/**
 * A filtered record of activity on one side of the learned synapses, kept by the engine.
 * `add`: each spike adds 1 (all-to-all). `set`: a spike sets it to 1 (nearest). Both decay by e^(−dt/τ).
 * `rate`: a low-pass with gain 1/dt, so that its mean is the firing rate in Hz; τ = 0 is the unfiltered s/dt.
 */
export interface TraceDeclaration {
  readonly name: string;
  readonly side: 'pre' | 'post';
  readonly mode: 'add' | 'set' | 'rate';
  /** Seconds. */
  readonly tau: number;
}

/** The numbers a rule sees, as views; arrays are indexed by the neuron, in the order in which the rule declared its traces. */
export interface PlasticityView {
  readonly pre: readonly Float64Array[];
  readonly post: readonly Float64Array[];
  /** What a teacher gave for this step: one value per output; only rules with a `signal` may read it. */
  readonly signal: Float64Array;
}

/**
 * A learning rule with its numbers: pure functions from what a synapse sees to the change of its weight. The engine owns the
 * loops, the traces, the bounds and the number format. `i` is the pre, `j` the post neuron.
 *
 * Order within a step (SEMANTICS section 4): traces decay; `onPre` for each arriving spike, then `onPost` for each post spike,
 * both seeing the traces without this step's spikes; traces take up this step's spikes; `onSignal` where a teacher spoke; bounds.
 */
export interface PlasticityRule {
  readonly traces: readonly TraceDeclaration[];
  onPre?(weight: number, i: number, j: number, view: PlasticityView): number;
  onPost?(weight: number, i: number, j: number, view: PlasticityView): number;
  onSignal?(weight: number, i: number, j: number, view: PlasticityView): number;
  /**
   * Says that `onSignal` is the outer product factor(j) · pre[trace][i], whatever the weight, so that an engine can change a dense
   * matrix row by row instead of asking for each synapse.
   */
  readonly outerProduct?: OuterProduct;
}

export interface OuterProduct {
  /** Place among the rule's pre traces. */
  readonly trace: number;
  factor(j: number, view: PlasticityView): number;
}

/** What the rule needs to know about where it works. */
export interface PlasticitySite {
  /** Step in seconds. */
  readonly dt: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A kind of learning rule: one file, one line in the index. */
export interface PlasticityKind {
  /** The name in `learning.<node>.rule`. */
  readonly rule: string;
  readonly parameters: ParameterTable;
  /** What the teacher's numbers mean: error = actual − target per output, a reward, … ; undefined for unsupervised rules. */
  readonly signal: 'error' | 'reward' | 'label' | undefined;
  prepare(parameters: Readonly<Record<string, number | string>>, site: PlasticitySite): PlasticityRule;
}
