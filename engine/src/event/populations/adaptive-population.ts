import { type AdaptiveDynamics, fireAdapting, type KeptState, kept } from '@spikewire/models';
import type { NetworkCounters } from '../../engine.ts';
import { keptVariables } from '../../kept-variables.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { retainedBytes } from '../../retained-bytes.ts';
import { Arrivals } from '../connections/arrivals.ts';
import { bytesOf, type EventNode } from '../connections/event-node.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import { firstStepOver } from '../flow/crossing.ts';
import { momentOn } from '../flow/flow.ts';
import { Powers } from '../flow/powers.ts';
import { Calendar } from './calendar.ts';

const { POSITIVE_INFINITY } = Number;

/** A membrane under an adaptive threshold that a current drives. */
type DrivenByCurrent = AdaptiveDynamics & { readonly drive: { readonly resistance: Float64Array } };

/**
 * Whether any number of steps is one formula: a current drives it, factors are in 0 … 1 (forward Euler with dt > τ has
 * others), and there is no floor, below which a threshold could fall.
 */
export function passesAtOnce(dynamics: AdaptiveDynamics): dynamics is DrivenByCurrent {
  const { share, drive, firing, adaptation } = dynamics;
  const decays = share.every((part) => part > 0 && part <= 1) && adaptation.decay.every((rho) => rho >= 0 && rho <= 1);
  return 'resistance' in drive && firing.minimum === undefined && decays;
}

/**
 * Neurons under an adaptive threshold on the grid, each brought up to date only when something arrives at it or when it
 * is going to spike. After k steps without arrivals
 *
 *     v = v∞ + (v₀ − v∞)α^k        theta = theta₀ρ^k
 *
 * so that the membrane above its threshold is a sum of two exponentials, with one extremum at most: it goes one way
 * before and one way after, which makes the search for a spike safe.
 */
export class AdaptivePopulation implements EventNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved: KeptState;
  readonly variables = ['v', 'theta', 'refractory'];
  readonly bytes: number;
  readonly #dynamics: DrivenByCurrent;
  readonly #v: Float64Array;
  readonly #theta: Float64Array;
  /** The step up to which a neuron was brought, and the last of its rest. */
  readonly #present: Float64Array;
  readonly #rest: Float64Array;
  /** Where the membrane settles. */
  readonly #settled: Float64Array;
  /** What `fireAdapting` writes its rests to. */
  readonly #ignored: Float64Array;
  readonly #alpha: Powers;
  readonly #rho: Powers;
  readonly #constant: ConstantInput;
  readonly #calendar: Calendar;
  readonly #counters: NetworkCounters;
  readonly #wake = (i: number) => this.arrivals[0].wake(i);

  // What the search for a spike works on; fields, so that one predicate serves every search.
  #sought = 0;
  #raisedThen = 0;
  readonly #isAbove = (k: number) => this.#crosses(this.#sought, k);

  constructor(dynamics: DrivenByCurrent, constant: ConstantInput, counters: NetworkCounters) {
    const { share, adaptation, initial } = dynamics;
    const size = share.length;
    this.#dynamics = dynamics;
    this.#constant = constant;
    this.#counters = counters;
    this.#v = initial.v!.slice();
    this.#theta = initial.theta!.slice();
    this.#present = new Float64Array(size);
    this.#rest = new Float64Array(size);
    this.#settled = new Float64Array(size);
    this.#ignored = new Float64Array(size);
    this.#alpha = new Powers(share.map((part) => 1 - part));
    this.#rho = new Powers(adaptation.decay);
    this.#calendar = new Calendar(size);
    this.arrivals = [new Arrivals(size)];
    this.emission = sparseActivity(size);
    const moment = momentOn('grid');
    this.saved = {
      ...keptVariables({ v: this.#v, theta: this.#theta }),
      present: kept(this.#present, moment),
      rest: kept(this.#rest, moment),
    };
    const own =
      retainedBytes([dynamics, this.saved, this.#settled, this.#ignored]) + bytesOf(this.arrivals, this.emission);
    this.bytes = own + this.#alpha.bytes + this.#rho.bytes + this.#calendar.bytes + constant.bytes;
  }

  get next(): number {
    return Math.min(this.#calendar.earliest, this.#constant.next);
  }

  visit(now: number): void {
    while (this.#constant.next <= now) {
      const before = this.#constant.begin();
      for (let i = 0; i < this.#v.length; i++) this.#bring(i, before);
      this.#settle();
      this.#foreseeAll();
    }
    const [arrivals] = this.arrivals;
    this.#calendar.forEachAt(now, this.#wake);
    const count = arrivals.take();
    this.emission.length = 0;
    for (let k = 0; k < count; k++) {
      const i = arrivals.touched.drained[k]!;
      const spikes = this.#step(i, now, arrivals.sums[i]!);
      arrivals.sums[i] = 0;
      this.#foresee(i);
      if (spikes === 0) continue;
      this.emission.index[this.emission.length] = i;
      this.emission.value[this.emission.length++] = spikes;
      this.#counters.spikes += spikes;
    }
  }

  reset(origin: number): void {
    this.#v.set(this.#dynamics.initial.v!);
    this.#theta.set(this.#dynamics.initial.theta!);
    this.#present.fill(origin);
    this.#rest.fill(origin);
    this.#constant.reset(origin);
    this.arrivals[0].clear();
    this.#settle();
    this.#foreseeAll();
  }

  restored(origin: number, now: number): void {
    this.#constant.restore(origin, now);
    this.arrivals[0].clear();
    this.#settle();
    this.#foreseeAll();
  }

  readState(variable: string, now: number, into: Float64Array): void {
    for (let i = 0; i < into.length; i++) {
      if (variable === 'refractory') into[i] = Math.max(0, this.#rest[i]! - now);
      else into[i] = variable === 'v' ? this.#membraneAt(i, now) : this.#thetaAt(i, now);
    }
  }

  /** Step `now` of a neuron, in which x arrives; returns its spikes. */
  #step(i: number, now: number, x: number): number {
    this.#bring(i, now - 1);
    this.#theta[i] = this.#thetaAt(i, now);
    this.#present[i] = now;
    if (now <= this.#rest[i]!) return 0;
    const { share, drive, firing, adaptation } = this.#dynamics;
    const driven = this.#settled[i]! + drive.resistance[i]! * x;
    this.#v[i]! += share[i]! * (driven - this.#v[i]!);
    const spikes = fireAdapting(firing, adaptation, i, this.#v, this.#theta, this.#ignored);
    if (spikes > 0) this.#rest[i] = now + firing.refractorySteps[i]!;
    return spikes;
  }

  /** Brings a neuron to the end of a step, if it is not there or beyond. */
  #bring(i: number, time: number): void {
    if (time <= this.#present[i]!) return;
    this.#v[i] = this.#membraneAt(i, time);
    this.#theta[i] = this.#thetaAt(i, time);
    this.#present[i] = time;
  }

  #membraneAt(i: number, time: number): number {
    const steps = time - Math.max(this.#present[i]!, this.#rest[i]!);
    return steps > 0 ? this.#after(i, steps) : this.#v[i]!;
  }

  #thetaAt(i: number, time: number): number {
    return this.#theta[i]! * this.#rho.of(i, time - this.#present[i]!);
  }

  /** The membrane after k steps without rest or arrivals. */
  #after(i: number, k: number): number {
    const v = this.#v[i]!;
    return v + (this.#settled[i]! - v) * this.#alpha.shareOf(i, k);
  }

  /** Takes up the constant input. */
  #settle(): void {
    const { leak, drive } = this.#dynamics;
    const { values } = this.#constant;
    for (let i = 0; i < values.length; i++) this.#settled[i] = leak[i]! + drive.resistance[i]! * values[i]!;
  }

  #foreseeAll(): void {
    for (let i = 0; i < this.#v.length; i++) this.#foresee(i);
  }

  #foresee(i: number): void {
    const from = Math.max(this.#present[i]!, this.#rest[i]!);
    this.#calendar.set(i, from + this.#untilSpike(i, this.#thetaAt(i, from)));
  }

  /** Steps from the end of its rest until a neuron spikes if nothing arrives, where its threshold is raised by then. */
  #untilSpike(i: number, raised: number): number {
    const theta = this.#dynamics.firing.threshold[i]!;
    const [v, settled] = [this.#v[i]!, this.#settled[i]!];
    if (!(Math.max(v, settled) >= theta + Math.min(0, raised))) return POSITIVE_INFINITY;
    this.#sought = i;
    this.#raisedThen = raised;
    if (this.#isAbove(1)) return 1;
    const lasting = this.#rho.logarithm(i) === 0 ? raised : 0;
    return firstStepOver(this.#extremum(i, raised), settled > theta + lasting, this.#isAbove);
  }

  /** Where the membrane above its threshold turns, in steps; not a number, or not above 0, where it does not. */
  #extremum(i: number, raised: number): number {
    const [alpha, rho] = [this.#alpha.logarithm(i), this.#rho.logarithm(i)];
    return Math.log((raised * rho) / ((this.#v[i]! - this.#settled[i]!) * alpha)) / (alpha - rho);
  }

  /** Whether a neuron is above its threshold k steps after the end of its rest. */
  #crosses(i: number, k: number): boolean {
    const { threshold, comparison } = this.#dynamics.firing;
    const raised = threshold[i]! + this.#raisedThen * this.#rho.of(i, k);
    const v = this.#after(i, k);
    return comparison === 'gt' ? v > raised : v >= raised;
  }
}
