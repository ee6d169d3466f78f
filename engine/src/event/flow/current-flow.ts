import { type KeptState, kept, type LinearDynamics, real } from '@spikewire/models';
import { retainedBytes } from '../../retained-bytes.ts';
import { firstStepOver, root } from './crossing.ts';
import { type Flow, type Foreseen, momentOn, type TimeAxis } from './flow.ts';
import { Powers } from './powers.ts';

const { POSITIVE_INFINITY } = Number;

/**
 * A membrane behind a synaptic current. On the grid a step is j ← βj + h·x, then v ← αv + g·j + b, and after k steps
 * without arrivals
 *
 *     j = j∞ + (j₀ − j∞)β^k        v = v∞ + (v₀ − v∞)α^k + g(j₀ − j∞)·S(k)        S(k) = Σ_{m=1…k} α^(k−m) β^m
 *
 * In continuous time the sum is the integral of the same two exponentials. Either way v is a sum of two exponentials,
 * with one extremum at most: it goes one way before and one way after, which makes the search for a spike safe.
 */
export class CurrentFlow implements Flow {
  readonly state: Readonly<Record<string, Float64Array>>;
  readonly saved: KeptState;
  readonly bytes: number;
  readonly #v: Float64Array;
  readonly #j: Float64Array;
  /** The times up to which membrane and current were brought; a current goes on while the membrane rests. */
  readonly #present: Float64Array;
  readonly #currentPresent: Float64Array;
  readonly #dynamics: LinearDynamics;
  readonly #current: NonNullable<LinearDynamics['current']>;
  readonly #threshold: Float64Array | undefined;
  readonly #atThreshold: boolean;
  readonly #onGrid: boolean;
  readonly #foreseen: Foreseen;
  readonly #alpha: Powers;
  readonly #beta: Powers;
  /** S(k) = scale·(β^k − α^k), or scale·k·α^k where both decay alike; and the largest that it becomes. */
  readonly #scale: Float64Array;
  readonly #largest: Float64Array;
  /** Where the current settles, and the membrane; without a leak, what the settled current adds in a step. */
  readonly #settledCurrent: Float64Array;
  readonly #settled: Float64Array;

  // What the search for a spike works on; fields, so that one predicate serves every search.
  #sought = 0;
  #currentThen = 0;
  readonly #isAbove = (k: number) => this.#crosses(this.#sought, this.#after(this.#sought, this.#currentThen, k));
  readonly #above = (k: number) => this.#after(this.#sought, this.#currentThen, k) - this.#threshold![this.#sought]!;

  constructor(dynamics: LinearDynamics, axis: TimeAxis, foreseen: Foreseen) {
    const { decay, initial, firing } = dynamics;
    const size = decay.length;
    this.#dynamics = dynamics;
    this.#current = dynamics.current!;
    this.#threshold = firing?.threshold;
    this.#atThreshold = firing?.comparison === 'ge';
    this.#onGrid = axis === 'grid';
    this.#foreseen = foreseen;
    this.#alpha = new Powers(decay);
    this.#beta = new Powers(this.#current.decay);
    this.#v = initial.v!.slice();
    this.#j = initial.i!.slice();
    this.#present = new Float64Array(size);
    this.#currentPresent = new Float64Array(size);
    this.#scale = decay.map((_, i) => this.#scaleOf(i));
    this.#largest = decay.map((_, i) => this.#largestOf(i));
    this.#settledCurrent = new Float64Array(size);
    this.#settled = new Float64Array(size);
    this.state = { v: this.#v, i: this.#j };
    const moment = momentOn(axis);
    this.saved = {
      v: kept(this.#v, real()),
      i: kept(this.#j, real()),
      present: kept(this.#present, moment),
      currentPresent: kept(this.#currentPresent, moment),
    };
    const own = [this.saved, this.#scale, this.#largest, this.#settledCurrent, this.#settled];
    this.bytes = retainedBytes([dynamics, own]) + this.#alpha.bytes + this.#beta.bytes;
  }

  presentOf(i: number): number {
    return this.#present[i]!;
  }

  holdUntil(i: number, time: number): void {
    this.#present[i] = time;
  }

  arrive(touched: Int32Array, count: number, sums: Float64Array, now: number, alert: Int32Array): number {
    const last = this.#onGrid ? 1 : 0;
    let alerts = 0;
    for (let n = 0; n < count; n++) {
      const i = touched[n]!;
      const x = sums[i]!;
      sums[i] = 0;
      const rests = now - this.#present[i]! < last;
      if (rests) {
        this.#bringCurrent(i, now);
        this.#j[i]! += this.#current.gain[i]! * x;
      } else this.#bring(i, now, x);
      if (this.#threshold === undefined) continue;
      const theta = this.#threshold[i]!;
      if (this.#v[i]! < theta && this.#highest(i, this.#j[i]!) <= theta && !this.#foreseen.has(i)) continue;
      alert[alerts++] = rests ? ~i : i;
    }
    return alerts;
  }

  untilSpike(i: number): number {
    if (this.#threshold === undefined) return POSITIVE_INFINITY;
    const j = this.#currentAt(i, this.#present[i]!);
    const theta = this.#threshold[i]!;
    if (!(this.#highest(i, j) > theta)) return POSITIVE_INFINITY;
    this.#sought = i;
    this.#currentThen = j;
    const start = this.#onGrid ? 1 : 0;
    if (this.#isAbove(start)) return start;
    const extremum = this.#extremum(i, j);
    const rises = this.#risesAtLast(i, theta);
    return this.#onGrid ? firstStepOver(extremum, rises, this.#isAbove) : this.#firstMoment(extremum, rises);
  }

  setConstant(input: Float64Array, now: number): void {
    const { decay, gain, bias } = this.#dynamics;
    const current = this.#current;
    for (let i = 0; i < input.length; i++) {
      if (this.#present[i]! < now) this.#bring(i, now, 0);
      else if (this.#currentPresent[i]! < now) this.#bringCurrent(i, now);
      this.#settledCurrent[i] = (current.gain[i]! * input[i]!) / (1 - current.decay[i]!);
      const drive = gain[i]! * this.#settledCurrent[i]! + bias[i]!;
      this.#settled[i] = decay[i]! < 1 ? drive / (1 - decay[i]!) : drive;
    }
  }

  peek(variable: string, i: number, now: number): number {
    if (variable === 'i') return this.#currentAt(i, now);
    const present = this.#present[i]!;
    return now > present ? this.#after(i, this.#currentAt(i, present), now - present) : this.#v[i]!;
  }

  reset(now: number): void {
    this.#v.set(this.#dynamics.initial.v!);
    this.#j.set(this.#dynamics.initial.i!);
    this.#present.fill(now);
    this.#currentPresent.fill(now);
  }

  /** Brings a neuron that does not rest to `now` and lets x arrive there. */
  #bring(i: number, now: number, x: number): void {
    this.#bringCurrent(i, this.#present[i]!);
    const elapsed = now - this.#present[i]!;
    const jump = this.#current.gain[i]! * x;
    this.#present[i] = now;
    if (this.#onGrid) {
      if (elapsed > 1) {
        this.#v[i] = this.#after(i, this.#j[i]!, elapsed - 1);
        this.#bringCurrent(i, now - 1);
      }
      this.#bringCurrent(i, now);
      this.#j[i]! += jump;
      this.#v[i] = this.#membraneStep(i, this.#v[i]!, this.#j[i]!);
    } else {
      if (elapsed > 0) this.#v[i] = this.#after(i, this.#j[i]!, elapsed);
      this.#bringCurrent(i, now);
      this.#j[i]! += jump;
    }
  }

  #currentAt(i: number, time: number): number {
    const elapsed = time - this.#currentPresent[i]!;
    if (elapsed <= 0) return this.#j[i]!;
    const settled = this.#settledCurrent[i]!;
    return this.#j[i]! + (settled - this.#j[i]!) * this.#beta.shareOf(i, elapsed);
  }

  #bringCurrent(i: number, time: number): void {
    if (time <= this.#currentPresent[i]!) return;
    this.#j[i] = this.#currentAt(i, time);
    this.#currentPresent[i] = time;
  }

  /** One step of the membrane with the new current. */
  #membraneStep(i: number, v: number, j: number): number {
    const { decay, gain, bias } = this.#dynamics;
    return decay[i]! * v + gain[i]! * j + bias[i]!;
  }

  /** The membrane k steps after its present, where the current was j then, if nothing arrives. */
  #after(i: number, j: number, k: number): number {
    const v = this.#v[i]!;
    const settled = this.#settled[i]!;
    const beyond = this.#dynamics.gain[i]! * (j - this.#settledCurrent[i]!) * this.#spread(i, k);
    if (this.#dynamics.decay[i] === 1) return v + k * settled + beyond;
    return v + (settled - v) * this.#alpha.shareOf(i, k) + beyond;
  }

  /** S(k). */
  #spread(i: number, k: number): number {
    const ratio = this.#logRatio(i) * k;
    const scale = this.#scale[i]!;
    if (ratio === 0) return scale * k * this.#alpha.of(i, k);
    // The difference of two near numbers, without losing it.
    if (Math.abs(ratio) < 0.5) return scale * this.#alpha.of(i, k) * Math.expm1(ratio);
    return scale * (this.#beta.of(i, k) - this.#alpha.of(i, k));
  }

  /** ln β/α. */
  #logRatio(i: number): number {
    return this.#beta.logarithm(i) - this.#alpha.logarithm(i);
  }

  #scaleOf(i: number): number {
    const decay = this.#dynamics.decay[i]!;
    const ratio = this.#logRatio(i);
    if (this.#onGrid) return ratio === 0 ? 1 : Math.exp(ratio) / Math.expm1(ratio);
    const rate = decay === 1 ? 1 : -this.#alpha.logarithm(i) / (1 - decay);
    return ratio === 0 ? rate : rate / ratio;
  }

  #largestOf(i: number): number {
    const [alpha, beta, ratio] = [this.#alpha.logarithm(i), this.#beta.logarithm(i), this.#logRatio(i)];
    if (alpha === 0) return -this.#scale[i]!;
    return this.#spread(i, ratio === 0 ? -1 / alpha : Math.log(alpha / beta) / ratio);
  }

  /** What the membrane will never be above, from a few operations: nearly all neurons are far from their thresholds. */
  #highest(i: number, j: number): number {
    const v = this.#v[i]!;
    const settled = this.#settled[i]!;
    const pushed = Math.max(0, this.#dynamics.gain[i]! * (j - this.#settledCurrent[i]!) * this.#largest[i]!);
    if (this.#dynamics.decay[i] === 1) return settled > 0 ? POSITIVE_INFINITY : v + pushed;
    return Math.max(v, settled) + pushed;
  }

  /** Where the membrane turns, in steps from its present; not a number, or not above 0, where it does not. */
  #extremum(i: number, j: number): number {
    const push = this.#dynamics.gain[i]! * (j - this.#settledCurrent[i]!) * this.#scale[i]!;
    const [alpha, ratio] = [this.#alpha.logarithm(i), this.#logRatio(i)];
    if (alpha === 0) return Math.log(-this.#settled[i]! / (push * ratio)) / ratio;
    const share = (this.#v[i]! - this.#settled[i]!) / push;
    if (ratio === 0) return -1 / alpha - share;
    return (Math.log1p(-share) - Math.log1p(ratio / alpha)) / ratio;
  }

  /** Whether the membrane is above its threshold in the end, if nothing arrives and it does not spike before. */
  #risesAtLast(i: number, theta: number): boolean {
    const settled = this.#settled[i]!;
    return this.#dynamics.decay[i] === 1 ? settled > 0 : settled > theta;
  }

  #firstMoment(extremum: number, rises: boolean): number {
    let from = 0;
    if (extremum > 0 && extremum < POSITIVE_INFINITY) {
      if (this.#above(extremum) > 0) return root(0, extremum, this.#above);
      from = extremum;
    }
    if (!rises) return POSITIVE_INFINITY;
    let to = from + 1;
    for (let stride = 1; this.#above(to) <= 0; stride *= 2) to += stride;
    return root(from, to, this.#above);
  }

  #crosses(i: number, v: number): boolean {
    const theta = this.#threshold![i]!;
    return this.#atThreshold ? v >= theta : v > theta;
  }
}
