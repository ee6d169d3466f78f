import {
  type Connectivity,
  type PlasticityRule,
  type PlasticityView,
  SpikewireError,
  type TensorData,
} from '@spikewire/models';
import { ActivityHistory } from './activity-history.ts';
import type { LearnedConnection } from './learned-connections.ts';
import { prepareRule, type RuleAtWork } from './rule-at-work.ts';
import type { SparseActivity } from './sparse-activity.ts';
import { type Synapses, synapsesOf, type VisitSynapse } from './synapses.ts';
import { Trace } from './trace.ts';
import type { LearnedWeights } from './weights.ts';

export interface LearnerSite {
  readonly connection: LearnedConnection;
  readonly weights: LearnedWeights;
  /** Step in seconds. */
  readonly dt: number;
  /** Past activities that are kept for late teaching signals, ≥ 0. */
  readonly history: number;
}

/** A rule with the traces it asked for. */
interface WorkingRule extends RuleAtWork {
  readonly pre: readonly Trace[];
  readonly post: readonly Trace[];
}

type Act = NonNullable<PlasticityRule['onPre']>;

const unbounded = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/**
 * Online learning at one connection: the loops, traces, bounds and late teaching signals that all rules share. Every engine
 * learns through it, so that engines which agree in their spikes agree in their weights. Nothing is allocated after the start.
 */
export class Learner {
  readonly name: string;
  readonly weights: LearnedWeights;
  /** Everything that changes, by name; views, not copies. Call `restored` after writing to them. */
  readonly state: ReadonlyMap<string, TensorData>;
  /** Bytes of all arrays of the learner, its weights' own among them. */
  readonly bytes: number;
  /** Whether any rule looks at the spikes of the connection's target. */
  readonly needsPost: boolean;
  /** How many numbers a teaching signal has; 0 where no rule takes one. */
  readonly signalLength: number;

  readonly #rules: readonly WorkingRule[];
  readonly #synapses: Synapses;
  readonly #connectivity: Connectivity;
  readonly #signal: Float64Array;
  readonly #history: ActivityHistory;

  // What the visit of a synapse works on; fields, so that one visitor made at the start serves every step.
  #act: Act | undefined;
  #view: PlasticityView;
  #strength = 0;
  #bounds: readonly [number, number] = unbounded;
  readonly #change: VisitSynapse = (i, j, k) => {
    const change = this.#act!(this.weights.read(k), i, j, this.#view) * this.#strength;
    if (change !== 0) this.weights.add(k, change);
  };
  readonly #clip: VisitSynapse = (_i, _j, k) => this.weights.clip(k, this.#bounds[0], this.#bounds[1]);

  /** Throws `learning` where a declaration is wrong. */
  constructor({ connection, weights, dt, history }: LearnerSite) {
    const { name, connectivity, declarations } = connection;
    this.name = name;
    this.weights = weights;
    const { inputs, outputs } = connectivity;
    this.#connectivity = connectivity;
    this.#rules = declarations.map((declaration, place) => {
      const where = `learning of "${name}"${declarations.length > 1 ? `[${place}]` : ''}`;
      const prepared = prepareRule(declaration, { dt, inputs, outputs }, where);
      const tracesOf = (side: 'pre' | 'post', size: number) =>
        prepared.rule.traces.filter((trace) => trace.side === side).map((trace) => new Trace(trace, size, dt));
      return { ...prepared, pre: tracesOf('pre', inputs), post: tracesOf('post', outputs) };
    });
    this.needsPost = this.#rules.some(({ rule, post }) => rule.onPost !== undefined || post.length > 0);
    if (this.needsPost && connection.post === undefined) {
      const problem = 'has a rule that looks at post spikes';
      throw new SpikewireError('learning', `learning of "${name}"`, problem, 'a single target, a neuron that spikes');
    }
    this.signalLength = Math.max(0, ...this.#rules.map(({ kind }) => signalLength(kind.signal, outputs)));
    this.#signal = new Float64Array(this.signalLength);
    const depth = this.signalLength > 0 ? history : 0;
    this.#history = new ActivityHistory(this.#rules, this.#signal, depth);
    this.#view = this.#history.viewOf(0, 0);

    const synapses = synapsesOf(connectivity);
    this.#synapses = synapses;
    this.state = this.#collectState();
    const traces = this.#rules.flatMap(({ pre, post }) => [...pre, ...post]);
    this.bytes =
      weights.bytes +
      synapses.bytes +
      this.#signal.byteLength +
      this.#history.bytes +
      traces.reduce((sum, { values }) => sum + values.byteLength, 0);
  }

  /**
   * Learns from one step, after all nodes of the step are done (SEMANTICS section 4, a … f). `pre` is what arrived at the
   * connection, `post` what its target emitted (both sorted by index); `step` counts from the start of the net. Without
   * `learning` the traces go on and the weights stay. A graded arrival or several spikes at once act in proportion.
   */
  step(step: number, pre: SparseActivity, post: SparseActivity, learning: boolean): void {
    const rules = this.#rules;
    for (let r = 0; r < rules.length; r++) {
      for (const trace of rules[r]!.pre) trace.decay();
      for (const trace of rules[r]!.post) trace.decay();
    }
    if (learning) {
      for (let r = 0; r < rules.length; r++) this.#actOnArrivals(r, pre);
      for (let r = 0; r < rules.length; r++) this.#actOnPostSpikes(r, post);
    }
    for (let r = 0; r < rules.length; r++) {
      for (const trace of rules[r]!.pre) trace.takeUp(pre);
      for (const trace of rules[r]!.post) trace.takeUp(post);
    }
    if (learning) for (let r = 0; r < rules.length; r++) this.#boundTouched(rules[r]!, pre, post);
    this.#history.present = step;
  }

  /** Remembers the present activity for teaching signals that come late; the oldest memory makes room. */
  endSample(): void {
    this.#history.remember();
  }

  /**
   * Applies a teaching signal to the activity at the end of step `step`. Returns false where that step is neither the present
   * nor in the history. Throws `learning` where no rule takes a signal or the signal is not what the rules take.
   */
  teach(signal: ArrayLike<number>, step: number): boolean {
    this.#checkSignal(signal);
    const slot = this.#history.find(step);
    if (slot < 0) return false;
    this.#signal.set(signal);
    for (let r = 0; r < this.#rules.length; r++) this.#actOnSignal(r, slot);
    return true;
  }

  /** Traces start anew; weights and remembered activities stay, so that a signal for an earlier sample is still served. */
  resetActivity(): void {
    for (const { pre, post } of this.#rules) for (const trace of [...pre, ...post]) trace.values.fill(0);
    this.#history.present = -1;
  }

  /** To be called after `state` was overwritten from outside. */
  restored(): void {
    this.weights.restored();
  }

  #actOnArrivals(r: number, pre: SparseActivity): void {
    this.#act = this.#rules[r]!.rule.onPre;
    if (this.#act === undefined) return;
    this.#view = this.#history.viewOf(0, r);
    for (let k = 0; k < pre.length; k++) {
      this.#strength = pre.value[k]!;
      this.#synapses.forEachLeaving(pre.index[k]!, this.#change);
    }
  }

  #actOnPostSpikes(r: number, post: SparseActivity): void {
    this.#act = this.#rules[r]!.rule.onPost;
    if (this.#act === undefined) return;
    this.#view = this.#history.viewOf(0, r);
    for (let k = 0; k < post.length; k++) {
      this.#strength = post.value[k]!;
      this.#synapses.forEachEntering(post.index[k]!, this.#change);
    }
  }

  /** Clips what this step's spikes may have changed. */
  #boundTouched({ rule, bounds }: WorkingRule, pre: SparseActivity, post: SparseActivity): void {
    if (bounds === undefined) return;
    this.#bounds = bounds;
    if (rule.onPre !== undefined) {
      for (let k = 0; k < pre.length; k++) this.#synapses.forEachLeaving(pre.index[k]!, this.#clip);
    }
    if (rule.onPost !== undefined) {
      for (let k = 0; k < post.length; k++) this.#synapses.forEachEntering(post.index[k]!, this.#clip);
    }
  }

  #actOnSignal(r: number, slot: number): void {
    const { rule, bounds } = this.#rules[r]!;
    if (rule.onSignal === undefined) return;
    this.#view = this.#history.viewOf(slot, r);
    if (rule.outerProduct !== undefined && this.#connectivity.structure === 'dense') {
      this.#addOuterProduct(rule.outerProduct.trace, rule.outerProduct.factor);
    } else {
      this.#act = rule.onSignal;
      this.#strength = 1;
      for (let i = 0; i < this.#connectivity.inputs; i++) this.#synapses.forEachLeaving(i, this.#change);
    }
    if (bounds === undefined) return;
    for (let k = 0; k < this.weights.length; k++) this.weights.clip(k, bounds[0], bounds[1]);
  }

  #addOuterProduct(trace: number, factorOf: (j: number, view: PlasticityView) => number): void {
    const { inputs, outputs } = this.#connectivity;
    const activity = this.#view.pre[trace]!;
    for (let j = 0; j < outputs; j++) {
      const factor = factorOf(j, this.#view);
      if (factor !== 0) this.weights.addScaled(j * inputs, activity, factor);
    }
  }

  #checkSignal(signal: ArrayLike<number>): void {
    const where = `teaching signal for "${this.name}"`;
    if (this.signalLength === 0) {
      throw new SpikewireError('learning', where, 'finds no rule that takes one', 'a rule such as pes');
    }
    if (signal.length !== this.signalLength) {
      throw new SpikewireError('learning', where, `has ${signal.length} values`, String(this.signalLength));
    }
    for (let j = 0; j < signal.length; j++) {
      if (!Number.isFinite(signal[j])) {
        throw new SpikewireError('learning', `${where}[${j}]`, `is ${signal[j]}`, 'a finite number');
      }
    }
  }

  #collectState(): Map<string, TensorData> {
    const state = new Map<string, TensorData>();
    for (const [key, values] of Object.entries(this.weights.state)) state.set(`weights.${key}`, values);
    this.#rules.forEach(({ pre, post }, r) => {
      for (const { declaration, values } of pre) state.set(`rule${r}.pre.${declaration.name}`, values);
      for (const { declaration, values } of post) state.set(`rule${r}.post.${declaration.name}`, values);
    });
    for (const [key, values] of this.#history.state) state.set(`history.${key}`, values);
    return state;
  }
}

function signalLength(signal: 'error' | 'reward' | 'label' | undefined, outputs: number): number {
  if (signal === undefined) return 0;
  return signal === 'error' ? outputs : 1;
}
