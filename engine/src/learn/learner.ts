import {
  expectWithin,
  type KeptState,
  prefixed,
  type RuleMemory,
  type RuleNumbers,
  SpikewireError,
  type TraceDeclaration,
} from '@spikewire/models';
import { ActivityHistory } from './activity-history.ts';
import { EligibilityTraces } from './eligibility.ts';
import { type Feedback, feedBack } from './feedback.ts';
import { IntegerTrace, type SpikeTrace } from './integer-trace.ts';
import type { LearnedConnection } from './learned-connections.ts';
import { Rescaling } from './rescaling.ts';
import { actsInEveryStep, type RuleAtWork, rulesOf, whereOfRule } from './rule-at-work.ts';
import type { SparseActivity } from './sparse-activity.ts';
import { type AdaptingSite, type ChangeSite, type PreparedChange, SynapseLoops } from './synapse-loops.ts';
import { RealTrace, type Trace } from './trace.ts';
import { synapsesOf } from './weights/synapses.ts';
import type { LearnedWeights } from './weights/weights.ts';
import { Winners } from './winners.ts';

export interface LearnerSite {
  readonly connection: LearnedConnection;
  readonly weights: LearnedWeights;
  /** Step in seconds. */
  readonly dt: number;
  /** Past activities that are kept for late teaching signals, ≥ 0. */
  readonly history: number;
}

/** Past activities that every engine keeps where nothing else is said, so that late errors meet the same. */
export const HISTORY = 16;

/** The largest number that teaches: no sum of changes by such leaves the range of float32 in the life of a net. */
const LARGEST_SIGNAL = 1e9;

/** Reads the state v of all neurons of a target, in real units. */
export type ReadMembrane = () => Float64Array;

/** A rule with the memory it asked for and its changes as the loops take them. */
interface WorkingRule extends RuleAtWork, ChangeSite {
  readonly pre: readonly Trace[];
  readonly post: readonly Trace[];
  readonly onPre: PreparedChange | undefined;
  readonly onPost: PreparedChange | undefined;
  readonly onStep: PreparedChange | undefined;
  readonly onSignal: PreparedChange | undefined;
  readonly rescaling: Rescaling | undefined;
  /** Present where not all post spikes are the rule's business. */
  readonly winners: Winners | undefined;
  /** What it remembers beside its traces. */
  readonly memory: RuleMemory;
  readonly remembered: Readonly<Record<string, RuleNumbers>>;
  /** Present where the eligibility knows of thresholds that adapt. */
  readonly adapting: AdaptingSite | undefined;
  /** The site of changes that pass the eligibility by. */
  readonly direct: ChangeSite;
  /** Outputs whose weights `onStep` or `onSignal` may have changed. */
  readonly touched: Uint8Array;
}

/**
 * Online learning at one connection: the loops, traces, bounds and late teaching signals that all rules share. Every
 * engine learns through it, so that engines which agree in their spikes agree in their weights. Nothing is allocated
 * after the start.
 */
export class Learner {
  readonly name: string;
  readonly connection: LearnedConnection;
  readonly weights: LearnedWeights;
  /** Everything that changes, by name. Call `restored` after writing to it. */
  readonly state: KeptState;
  /** Bytes of all arrays of the learner, its weights' own among them; not those of its connection. */
  readonly bytes: number;
  /** Whether any rule looks at the spikes of the connection's target. */
  readonly needsPost: boolean;
  /** Whether any rule looks at the state v of the connection's target: `step` then has to be given a way to read it. */
  readonly needsMembrane: boolean;
  /** Whether any does so in every step, and not only in those with post spikes. */
  readonly followsMembrane: boolean;
  /** Whether traces of it are for teaching signals only, so that the state of the last step before each is enough. */
  readonly needsMembraneToTeach: boolean;
  /** Whether any chooses among the post spikes of a step, by the state v that it left. */
  readonly competes: boolean;
  /** How many numbers a teaching signal has; 0 where no rule takes one. */
  readonly signalLength: number;

  readonly #rules: readonly WorkingRule[];
  readonly #loops: SynapseLoops;
  readonly #feedback: Feedback | undefined;
  readonly #signal: Float64Array;
  readonly #history: ActivityHistory;
  /** Whether weights change at post spikes only, so that traces are all that goes on in a step without any. */
  readonly #waitsForPost: boolean;
  /** Then these. */
  readonly #traces: readonly Trace[];
  /** Whether a rule acts in every step, or keeps a trace that no closed form takes over several. */
  readonly #actsInEveryStep: boolean;
  readonly #hasEligibility: boolean;
  /** Whether a teaching signal looks at traces of its step, or only at eligibilities, which remember by themselves. */
  readonly #readsHistory: boolean;

  /** Throws `learning` where a declaration is wrong, or a rule needs what is not behind the connection. */
  constructor({ connection, weights, dt, history }: LearnerSite) {
    const { name, connectivity, feedback, signal, signalLength } = connection;
    const { outputs } = connectivity;
    this.name = name;
    this.connection = connection;
    this.weights = weights;
    this.#feedback = feedback;
    this.signalLength = signalLength;
    const rules = rulesOf(connection, dt);
    const synapses = synapsesOf(connectivity, rules.some(walksFromInputs));
    this.#loops = new SynapseLoops(connectivity, synapses, weights);
    this.#rules = rules.map((rule, index) =>
      workingRule(connection, rule, whereOfRule(connection, index), dt, this.#loops, synapses.count),
    );
    this.needsPost = this.#rules.some(looksAtPostSpikes);
    this.competes = this.#rules.some(({ winners }) => winners !== undefined);
    this.followsMembrane = this.#rules.some(tracesMembrane);
    this.needsMembrane = this.followsMembrane || this.competes;
    this.needsMembraneToTeach =
      this.followsMembrane && this.#rules.every((each) => !tracesMembrane(each) || actsOnSignalOnly(each));
    this.#actsInEveryStep = this.#rules.some(({ rule }) => actsInEveryStep(rule));
    this.#waitsForPost = this.#rules.every(changesAtPostSpikesOnly);
    this.#traces = this.#rules.flatMap(({ pre }) => pre);
    this.#signal = new Float64Array(signal === undefined ? 0 : signal === 'reward' ? 1 : outputs);
    this.#readsHistory = this.#rules.some(({ onSignal }) => onSignal !== undefined);
    this.#hasEligibility = this.#rules.some(({ eligibility }) => eligibility !== undefined);
    this.#history = new ActivityHistory(this.#rules, this.#signal, this.#readsHistory ? history : 0);
    this.state = this.#collectState();
    this.bytes = this.#countBytes(synapses.bytes + this.#loops.bytes);
  }

  /**
   * Learns from one step, after all nodes of the step are done (docs/semantics.md, section 4). `pre` is what arrived at
   * the connection, `post` what its target emitted (both sorted by index); `step` counts from the start of the net.
   * Without `learning` the traces go on and the weights stay. A graded arrival or several spikes at once act in
   * proportion. `readMembrane` gives the target's state v in real units, where `needsMembrane`; for teaching signals
   * only, the step before one is enough.
   */
  step(step: number, pre: SparseActivity, post: SparseActivity, learning: boolean, readMembrane?: ReadMembrane): void {
    this.#history.present = step;
    if (this.#waitsForPost && post.length === 0) {
      for (let t = 0; t < this.#traces.length; t++) this.#traces[t]!.pass(pre);
      return;
    }
    const rules = this.#rules;
    for (let r = 0; r < rules.length; r++) rules[r]!.winners?.take(step, post, readMembrane!);
    for (let r = 0; r < rules.length; r++) decay(rules[r]!);
    if (learning) {
      for (let r = 0; r < rules.length; r++) this.#actOnSpikes(r, rules[r]!.onPre, pre);
    }
    for (let r = 0; r < rules.length; r++) if (isPreFirst(rules[r]!)) takeUpAll(rules[r]!.pre, pre);
    if (learning) {
      for (let r = 0; r < rules.length; r++) this.#actOnSpikes(r, rules[r]!.onPost, seenBy(rules[r]!, post));
    }
    for (let r = 0; r < rules.length; r++) takeUp(rules[r]!, pre, post, readMembrane);
    if (learning) {
      for (let r = 0; r < rules.length; r++) this.#actOnStep(r);
      for (let r = 0; r < rules.length; r++) this.#boundTouched(rules[r]!, pre, seenBy(rules[r]!, post));
      for (let r = 0; r < rules.length; r++) rules[r]!.rescaling?.rescale(step, this.weights);
    }
  }

  /**
   * The first step from `step` on that has to be made even if nothing arrives and nothing spikes, because a rule acts
   * in it; Infinity for never. All silent steps before it may be skipped.
   */
  next(step: number): number {
    if (this.#actsInEveryStep) return step;
    let next = Number.POSITIVE_INFINITY;
    for (const { rescaling } of this.#rules) {
      if (rescaling !== undefined) next = Math.min(next, rescaling.next(step));
    }
    return next;
  }

  /** The same as `step` for each of `steps` silent steps from `first` on, at the cost of one. */
  skip(first: number, steps: number): void {
    this.#history.pass(first, first + steps - 1);
    for (const { pre, post, eligibility, adapting, rescaling } of this.#rules) {
      for (const trace of pre) trace.decay(steps);
      for (const trace of post) trace.decay(steps);
      eligibility?.decay(steps);
      adapting?.slow.decay(steps);
      rescaling?.pass(steps);
    }
  }

  /** Takes the target's state v as the present one. */
  look(membrane: Float64Array): void {
    for (const { post } of this.#rules) for (const trace of post) if (isMembrane(trace)) trace.values.set(membrane);
  }

  /** Remembers the present activity for teaching signals that come late; the oldest memory makes room. */
  endSample(): void {
    this.#history.remember();
  }

  /**
   * Applies a teaching signal to the activity at the end of step `step`. Returns false where that step is neither the
   * present nor in the history; eligibilities remember by themselves, so that rules with them take a signal for any
   * step since the activity started anew. Throws `learning` where no rule takes a signal or the signal is not what the
   * rules take.
   */
  teach(signal: ArrayLike<number>, step: number): boolean {
    this.#checkSignal(signal);
    const slot = this.#readsHistory ? this.#history.find(step) : -1;
    const isEligible = this.#hasEligibility && this.#history.hasGoneOnSince(step);
    if (slot < 0 && !isEligible) return false;
    if (this.#feedback !== undefined) feedBack(this.#feedback, signal, this.#signal);
    else this.#signal.set(signal);
    for (let r = 0; r < this.#rules.length; r++) this.#actOnSignal(r, slot, isEligible);
    return true;
  }

  /**
   * Traces start anew; weights and remembered activities stay, so that a signal for an earlier sample is still served.
   */
  resetActivity(): void {
    for (const { pre, post, eligibility, adapting, rescaling, winners } of this.#rules) {
      for (const trace of [...pre, ...post]) trace.reset();
      eligibility?.reset();
      adapting?.slow.reset();
      rescaling?.reset();
      winners?.reset();
    }
    this.#history.present = -1;
  }

  /** Back to the weights of the model, and to rules that remember nothing. */
  resetLearning(): void {
    this.weights.restoreBase();
    for (const { rule, memory } of this.#rules) rule.beginMemory?.(memory);
  }

  /** What its rules remember beside traces and weights, by `<index of the rule>.<name>`; views, not copies. */
  get memory(): ReadonlyMap<string, Float32Array> {
    const named = this.#rules.flatMap(({ memory }, r) =>
      Object.entries(memory).map(([name, values]) => [`${r}.${name}`, values] as const),
    );
    return new Map(named);
  }

  /** Throws `store` where a memory that has the length of its own holds what it cannot. */
  expectMemory(remembered: ReadonlyMap<string, Float32Array>): void {
    for (const [r, rule] of this.#rules.entries()) {
      for (const [name, { length, range }] of Object.entries(rule.remembered)) {
        const saved = remembered.get(`${r}.${name}`);
        if (saved?.length === length) expectWithin(`state "memory/${r}.${name}/${this.name}"`, saved, range);
      }
    }
  }

  /** Takes over what the same rules remembered elsewhere; what does not fit begins anew. */
  takeOverMemory(remembered: ReadonlyMap<string, Float32Array>): void {
    const own = [...this.memory];
    const fits = own.every(([name, values]) => remembered.get(name)?.length === values.length);
    if (fits) for (const [name, values] of own) values.set(remembered.get(name)!);
    else for (const { rule, memory } of this.#rules) rule.beginMemory?.(memory);
  }

  /** To be called after `state` was overwritten from outside. */
  restored(): void {
    this.weights.restored();
    for (const { pre, post, eligibility, adapting, rescaling, winners } of this.#rules) {
      for (const trace of [...pre, ...post]) trace.restored();
      eligibility?.restored();
      adapting?.slow.restored();
      rescaling?.restored();
      winners?.restored();
    }
  }

  #actOnSpikes(r: number, change: PreparedChange | undefined, { length, index, value }: SparseActivity): void {
    if (change === undefined) return;
    const view = this.#history.viewOf(0, r);
    for (let k = 0; k < length; k++) this.#loops.apply(change, index[k]!, value[k]!, view, this.#rules[r]!);
  }

  #actOnStep(r: number): void {
    const rule = this.#rules[r]!;
    if (rule.onStep === undefined) return;
    const view = this.#history.viewOf(0, r);
    if (rule.adapting === undefined) this.#loops.applyAll(rule.onStep, view, rule, rule.touched);
    else this.#loops.applyAdapting(rule.onStep, view, rule, rule.adapting);
  }

  /**
   * `slot` is that of the activity, −1 for none; `isEligible` whether the eligibilities are still those that the signal
   * is about.
   */
  #actOnSignal(r: number, slot: number, isEligible: boolean): void {
    const rule = this.#rules[r]!;
    const { onSignal, direct } = rule;
    if (slot >= 0) rule.rule.remember?.(this.#history.viewOf(slot, r));
    if (onSignal !== undefined && slot >= 0) {
      this.#loops.applyAll(onSignal, this.#history.viewOf(slot, r), direct, rule.touched);
    }
    const { eligibility } = rule.rule;
    if (eligibility !== undefined && isEligible) {
      this.#loops.consolidate(eligibility.factor, this.#history.viewOf(0, r), rule);
    }
    if (rule.bounds !== undefined && (onSignal ?? eligibility) !== undefined) this.#loops.clipAll(rule);
  }

  /** Clips what this step may have changed. */
  #boundTouched(rule: WorkingRule, pre: SparseActivity, post: SparseActivity): void {
    if (rule.bounds === undefined || rule.eligibility !== undefined) return;
    if (rule.boundsAtOnce && (rule.onPre ?? rule.onPost)?.linear !== undefined) return;
    const { onPre, onPost, onStep, touched } = rule;
    if (onPre !== undefined) for (let k = 0; k < pre.length; k++) this.#loops.clip('pre', pre.index[k]!, rule);
    if (onPost !== undefined) for (let k = 0; k < post.length; k++) this.#loops.clip('post', post.index[k]!, rule);
    if (onStep === undefined) return;
    for (let j = 0; j < touched.length; j++) if (touched[j] === 1) this.#loops.clip('post', j, rule);
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
      if (!(Math.abs(signal[j]!) <= LARGEST_SIGNAL)) {
        throw new SpikewireError('learning', `${where}[${j}]`, `is ${signal[j]}`, `at most ${LARGEST_SIGNAL} in size`);
      }
    }
  }

  #collectState(): KeptState {
    const ofRules = this.#rules.map(({ pre, post, eligibility, adapting, rescaling, winners }, r) => {
      const ofTraces = [...pre, ...post].map((trace) => {
        return prefixed(trace.declaration.side, trace.kept(trace.declaration.name));
      });
      return prefixed(`rule${r}`, {
        ...Object.assign({}, ...ofTraces),
        ...eligibility?.kept('eligibility'),
        ...adapting?.slow.kept('slow'),
        ...rescaling?.state,
        ...winners?.state,
      });
    });
    const beside = { ...prefixed('weights', this.weights.state), ...prefixed('history', this.#history.state) };
    return Object.assign(beside, ...ofRules);
  }

  #countBytes(loops: number): number {
    const ofRules = this.#rules.map(({ pre, post, eligibility, adapting, rescaling, winners, memory, touched }) => {
      const own = Object.values(memory).reduce((sum, { byteLength }) => sum + byteLength, touched.byteLength);
      const parts = [...pre, ...post, eligibility, adapting?.slow, rescaling, winners];
      return parts.reduce((sum, part) => sum + (part?.bytes ?? 0), own);
    });
    const feedback = this.#feedback?.matrix.byteLength ?? 0;
    const own = loops + feedback + this.#signal.byteLength + this.weights.bytes + this.#history.bytes;
    return ofRules.reduce((sum, bytes) => sum + bytes, own);
  }
}

function workingRule(
  connection: LearnedConnection,
  prepared: RuleAtWork,
  where: string,
  dt: number,
  loops: SynapseLoops,
  synapses: number,
): WorkingRule {
  const { connectivity, declarations, sampleSteps } = connection;
  const { inputs, outputs } = connectivity;
  const { rule, declaration } = prepared;
  const { isInteger } = loops;
  const tracesOf = (side: 'pre' | 'post', size: number) =>
    rule.traces.filter((trace) => trace.side === side).map((trace) => traceOf(trace, size, dt, isInteger));
  const changes: ChangeSite = {
    eligibility: rule.eligibility && new EligibilityTraces(synapses, rule.eligibility.tau, dt),
    bounds: declaration.bounds,
    softness: declaration.softness,
    boundsAtOnce:
      declaration.bounds !== undefined &&
      (isInteger ||
        (declarations.length === 1 &&
          rule.onStep === undefined &&
          (rule.onPre === undefined || rule.onPost === undefined))),
  };
  const direct = { ...changes, eligibility: undefined, boundsAtOnce: false };
  const fatigue = rule.eligibility?.adaptation;
  const remembered = prepared.kind.memory?.({ inputs, outputs }) ?? {};
  const numbers = Object.entries(remembered);
  const memory = Object.fromEntries(numbers.map(([name, { length }]) => [name, new Float32Array(length)]));
  rule.beginMemory?.(memory);
  const working: WorkingRule = {
    ...prepared,
    ...changes,
    pre: tracesOf('pre', inputs),
    post: tracesOf('post', outputs),
    onPre: rule.onPre && loops.prepare(rule.onPre, 'pre', changes),
    onPost: rule.onPost && loops.prepare(rule.onPost, 'post', changes),
    onStep: rule.onStep && loops.prepare(rule.onStep, 'post', changes),
    onSignal: rule.onSignal && loops.prepare(rule.onSignal, 'post', direct),
    adapting: fatigue && { slow: new EligibilityTraces(synapses, fatigue.tau, dt), rise: fatigue.rise },
    rescaling: Rescaling.of(declaration, connectivity, dt, sampleSteps),
    winners: Winners.of(declaration, connectivity, sampleSteps, where),
    direct,
    memory,
    remembered,
    touched: new Uint8Array(rule.onStep === undefined && rule.onSignal === undefined ? 0 : outputs),
  };
  if (working.winners !== undefined && !rulesByPostSpikes(working)) {
    const problem = `chooses among post spikes, which ${declaration.rule} does not use`;
    throw new SpikewireError('learning', `${where}.winners`, problem, 'a rule that does');
  }
  if (looksAtPostSpikes(working) && connection.post === undefined) {
    const problem = `uses post spikes (${declaration.rule}), and the connection ${connection.behind}`;
    throw new SpikewireError('learning', where, problem, 'a single target, a neuron that spikes');
  }
  return working;
}

/** Only rules with an integer form, whose traces follow spikes, come with integer weights. */
function traceOf(declaration: TraceDeclaration, size: number, dt: number, isInteger: boolean): Trace {
  return isInteger ? new IntegerTrace(declaration as SpikeTrace, size, dt) : new RealTrace(declaration, size, dt);
}

/** Or remembers something of each synapse, by its number. */
function walksFromInputs({ rule }: RuleAtWork): boolean {
  return rule.onPre !== undefined || rule.eligibility !== undefined;
}

function looksAtPostSpikes(rule: WorkingRule): boolean {
  return rulesByPostSpikes(rule) || (rule.rescaling?.needsPost ?? false);
}

function rulesByPostSpikes({ onPost, post }: WorkingRule): boolean {
  return onPost !== undefined || post.some((trace) => !isMembrane(trace));
}

/** The post spikes that are a rule's business. */
function seenBy({ winners }: WorkingRule, post: SparseActivity): SparseActivity {
  return winners === undefined ? post : winners.activity;
}

/** Nor is there a trace of post spikes, which would have to decay. */
function changesAtPostSpikesOnly({ rule, pre, post, rescaling }: WorkingRule): boolean {
  const { onPre, onStep, eligibility } = rule;
  const others = [onPre, onStep, eligibility, rescaling].filter((each) => each !== undefined);
  return others.length + post.length === 0 && pre.every(takesUpSpikes);
}

function takesUpSpikes({ declaration: { mode } }: Trace): boolean {
  return mode === 'add' || mode === 'set';
}

function tracesMembrane({ post }: WorkingRule): boolean {
  return post.some(isMembrane);
}

function actsOnSignalOnly({ rule: { onPre, onPost, onStep } }: WorkingRule): boolean {
  return [onPre, onPost, onStep].every((change) => change === undefined);
}

function isMembrane({ declaration }: Trace): boolean {
  return declaration.mode === 'membrane';
}

function decay({ pre, post, eligibility, adapting }: WorkingRule): void {
  for (let t = 0; t < pre.length; t++) pre[t]!.decay();
  for (let t = 0; t < post.length; t++) post[t]!.decay();
  eligibility?.decay();
  adapting?.slow.decay();
}

function isPreFirst({ declaration, rule }: WorkingRule): boolean {
  return (rule.order ?? declaration.order) === 'pre-first';
}

function takeUp(
  rule: WorkingRule,
  pre: SparseActivity,
  post: SparseActivity,
  readMembrane: ReadMembrane | undefined,
): void {
  if (!isPreFirst(rule)) takeUpAll(rule.pre, pre);
  takeUpAll(rule.post, seenBy(rule, post), readMembrane);
  rule.rescaling?.takeUp(post);
}

function takeUpAll(traces: readonly Trace[], activity: SparseActivity, readMembrane?: ReadMembrane): void {
  for (let t = 0; t < traces.length; t++) {
    const trace = traces[t]!;
    const { declaration } = trace;
    if (declaration.mode === 'membrane') {
      if (readMembrane !== undefined) trace.values.set(readMembrane());
    } else if (declaration.mode !== 'mean-square') trace.takeUp(activity);
  }
  for (let t = 0; t < traces.length; t++) {
    const { declaration } = traces[t]!;
    if (declaration.mode === 'mean-square') traces[t]!.takeSquare!(traces[declaration.of]!);
  }
}
