import { type KeptState, kept, type LinearDynamics, real } from '@spikewire/models';
import { retainedBytes } from '../../retained-bytes.ts';
import type { ActiveSet } from './active-set.ts';
import { firstStep } from './crossing.ts';
import { Elements } from './elements.ts';
import { type Flow, type Foreseen, momentOn, type TimeAxis } from './flow.ts';
import { Powers } from './powers.ts';

const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;

/**
 * A membrane without a synaptic current, v ← αv + g·x + b per step: after k steps without arrivals v + (v∞ − v)(1 −
 * α^k), or v + k·b where nothing leaks. Both go one way only, so that a floor holds from the step in which it is
 * reached, and a threshold is reached at k = ln((v∞ − θ)/(v∞ − v))/ln α or never.
 */
export class LeakyFlow implements Flow {
  readonly state: Readonly<Record<string, Float64Array>>;
  readonly saved: KeptState;
  readonly bytes: number;
  readonly #v: Float64Array;
  readonly #present: Float64Array;
  /** The end of a neuron's last rest; empty where none rests. */
  readonly #rest: Float64Array;
  readonly #dynamics: LinearDynamics;
  readonly #decay: Elements;
  readonly #gain: Elements;
  /** Infinity where nothing fires, and −Infinity where there is no floor. */
  readonly #threshold: Elements;
  readonly #minimum: Elements;
  readonly #atThreshold: boolean;
  readonly #powers: Powers;
  /** What a step adds whatever arrives, and where the membrane settles. */
  readonly #drive: Elements;
  readonly #settled: Elements;
  readonly #onGrid: boolean;
  readonly #foreseen: Foreseen;

  // What the search for a spike works on; a field, so that one predicate serves every search.
  #sought = 0;
  readonly #isAbove = (k: number) => this.#crosses(this.#sought, this.#after(this.#sought, k));

  constructor(dynamics: LinearDynamics, axis: TimeAxis, foreseen: Foreseen) {
    const { decay, gain, initial, firing } = dynamics;
    const size = decay.length;
    this.#dynamics = dynamics;
    this.#decay = new Elements(decay);
    this.#gain = new Elements(gain);
    this.#threshold = new Elements(firing?.threshold ?? new Float64Array(size).fill(POSITIVE_INFINITY));
    this.#minimum = new Elements(firing?.minimum ?? new Float64Array(size).fill(NEGATIVE_INFINITY));
    this.#atThreshold = firing?.comparison === 'ge';
    this.#powers = new Powers(decay);
    this.#onGrid = axis === 'grid';
    this.#foreseen = foreseen;
    this.#v = initial.v!.slice();
    this.#present = new Float64Array(size);
    const rests = axis === 'grid' ? firing?.refractorySteps : (firing?.refractorySeconds ?? firing?.refractorySteps);
    this.#rest = new Float64Array(rests?.some((time) => time > 0) ? size : 0);
    this.#drive = new Elements(new Float64Array(size));
    this.#settled = new Elements(new Float64Array(size));
    this.state = { v: this.#v };
    const moment = momentOn(axis);
    this.saved = {
      v: kept(this.#v, real()),
      present: kept(this.#present, moment),
      ...(this.#rest.length > 0 && { rest: kept(this.#rest, moment) }),
    };
    const elements = [this.#threshold, this.#minimum, this.#drive, this.#settled];
    this.bytes = retainedBytes([dynamics, this.saved, this.#rest, elements]) + this.#powers.bytes;
  }

  presentOf(i: number): number {
    const present = this.#present[i]!;
    return this.#rest.length > 0 ? Math.max(present, this.#rest[i]!) : present;
  }

  holdUntil(i: number, time: number): void {
    if (this.#rest.length > 0) this.#rest[i] = time;
  }

  receive(
    outputs: ArrayLike<number> | undefined,
    weights: Float32Array | Float64Array,
    from: number,
    to: number,
    factor: number,
    now: number,
    alert: ActiveSet,
  ): boolean {
    const [v, present, rest, { decays }] = [this.#v, this.#present, this.#rest, this.#powers];
    const { values: decay, mask: decayMask } = this.#decay;
    const { values: gain, mask: gainMask } = this.#gain;
    const { values: drive, mask: driveMask } = this.#drive;
    const { values: settled, mask: settledMask } = this.#settled;
    const { values: threshold, mask: thresholdMask } = this.#threshold;
    const foreseesNone = this.#foreseen.isEmpty;
    const [rests, ready] = [rest.length > 0, decays.length];
    let alerts = false;
    for (let k = from; k < to; k++) {
      const i = outputs === undefined ? k - from : outputs[k]!;
      const theta = threshold[i & thresholdMask]!;
      const since = present[i]!;
      let membrane = v[i]!;
      let isAlert = false;
      if (since !== now) {
        const resting = rests ? rest[i]! : since;
        if (resting >= now) continue;
        const before = now - 1 - Math.max(resting, since);
        const end = settled[i & settledMask]!;
        const share = decay[i & decayMask]!;
        if (before > 0) {
          if (share === 1) membrane += before * drive[i & driveMask]!;
          else membrane += (end - membrane) * (before < ready ? decays[before]! : this.#powers.shareOf(i, before));
        }
        membrane = share * membrane + drive[i & driveMask]!;
        present[i] = now;
        isAlert = end > theta || !(foreseesNone || !this.#foreseen.has(i));
      }
      membrane += gain[i & gainMask]! * factor * weights[k]!;
      v[i] = membrane;
      if (membrane < theta && !isAlert) continue;
      alert.add(i);
      alerts = true;
    }
    return alerts;
  }

  arrive(touched: Int32Array, count: number, sums: Float64Array, now: number, alert: Int32Array): number {
    const [v, present, rest, onGrid] = [this.#v, this.#present, this.#rest, this.#onGrid];
    const { decays } = this.#powers;
    const { values: decay, mask: decayMask } = this.#decay;
    const { values: gain, mask: gainMask } = this.#gain;
    const { values: drive, mask: driveMask } = this.#drive;
    const { values: settled, mask: settledMask } = this.#settled;
    const { values: threshold, mask: thresholdMask } = this.#threshold;
    const { values: minimum, mask: minimumMask } = this.#minimum;
    const foreseesNone = this.#foreseen.isEmpty;
    // On the grid the last step is one of its own: what arrives counts before the floor. Off it an arrival takes no
    // time.
    const last = onGrid ? 1 : 0;
    const [rests, ready] = [rest.length > 0, decays.length];
    let alerts = 0;
    for (let n = 0; n < count; n++) {
      const i = touched[n]!;
      const x = sums[i]!;
      sums[i] = 0;
      const since = present[i]!;
      const resting = rests ? rest[i]! : since;
      // On the grid a rest takes the whole of its last step; off it, it ends at a moment.
      if (rests && (onGrid ? resting >= now : resting > now)) continue;
      let membrane = v[i]!;
      let before = now - last - Math.max(resting, since);
      const end = settled[i & settledMask]!;
      const floor = minimum[i & minimumMask]!;
      const factor = decay[i & decayMask]!;
      if (membrane < floor && before > 0) {
        membrane = this.#firstStepFromBelow(i);
        before--;
      }
      if (before > 0) {
        if (factor === 1) membrane += before * drive[i & driveMask]!;
        else
          membrane += (end - membrane) * (onGrid && before < ready ? decays[before]! : this.#powers.shareOf(i, before));
        if (membrane < floor) membrane = floor;
      }
      // Below 0 where the neuron was brought to this step by what arrived before.
      if (onGrid && before >= 0) membrane = factor * membrane + drive[i & driveMask]!;
      membrane += gain[i & gainMask]! * x;
      v[i] = membrane;
      present[i] = now;
      const theta = threshold[i & thresholdMask]!;
      if (membrane >= theta || end > theta || membrane < floor || !(foreseesNone || !this.#foreseen.has(i))) {
        alert[alerts++] = i;
      }
    }
    return alerts;
  }

  untilSpike(i: number): number {
    const v = this.#v[i]!;
    const theta = this.#threshold.values[i]!;
    const settled = this.#settled.values[i]!;
    // A membrane that left the range of numbers stays there.
    if (Number.isNaN(v)) return POSITIVE_INFINITY;
    // Between where it is and where it settles there is no threshold.
    const isAbove = this.#crosses(i, v);
    if (!isAbove && settled <= theta) return POSITIVE_INFINITY;
    if (!this.#onGrid) return isAbove ? 0 : this.#stepsUntil(i, v, theta);
    if (this.#crosses(i, this.#afterStep(i, v))) return 1;
    if (settled <= theta) return POSITIVE_INFINITY;
    this.#sought = i;
    return firstStep(this.#stepsUntil(i, v, theta), this.#isAbove);
  }

  setConstant(input: Float64Array, now: number): void {
    const { decay, gain, bias } = this.#dynamics;
    const [{ values: drive }, { values: settled }] = [this.#drive, this.#settled];
    for (let i = 0; i < input.length; i++) {
      if (this.presentOf(i) < now) this.#bring(i, now);
      drive[i] = bias[i]! + gain[i]! * input[i]!;
      if (decay[i] === 0) settled[i] = this.#settledWithoutMemory(i);
      else if (decay[i]! < 1) settled[i] = drive[i]! / (1 - decay[i]!);
      else settled[i] = drive[i]! > 0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY;
    }
    this.#drive.changed();
    this.#settled.changed();
  }

  peek(_variable: string, i: number, now: number): number {
    const elapsed = now - this.presentOf(i);
    return elapsed > 0 ? this.#after(i, elapsed) : this.#v[i]!;
  }

  reset(now: number): void {
    const [v, { values: minimum }] = [this.#v, this.#minimum];
    v.set(this.#dynamics.initial.v!);
    // Off the grid a floor holds at once, on it from the first step on.
    if (!this.#onGrid) for (let i = 0; i < v.length; i++) v[i] = Math.max(minimum[i]!, v[i]!);
    this.#present.fill(now);
    this.#rest.fill(now);
  }

  #bring(i: number, now: number): void {
    this.#v[i] = this.#after(i, now - this.presentOf(i));
    this.#present[i] = now;
  }

  /**
   * A membrane without a memory is in the next step where its input takes it. Where it settles matters only for whether
   * that is above the threshold, which at the threshold itself is for the comparison to say.
   */
  #settledWithoutMemory(i: number): number {
    const drive = this.#drive.values[i]!;
    return this.#crosses(i, drive) ? drive + Math.abs(drive) + 1 : drive;
  }

  /** The membrane one step after a start below the floor, where it stands as long as nothing has moved it. */
  #firstStepFromBelow(i: number): number {
    return Math.max(this.#minimum.values[i]!, this.#afterStep(i, this.#v[i]!));
  }

  /** The membrane one step after `v`, without the floor. */
  #afterStep(i: number, v: number): number {
    return this.#decay.values[i]! * v + this.#drive.values[i]!;
  }

  /** The membrane k > 0 steps after its present if nothing arrives; on the grid exactly what `arrive` makes of it. */
  #after(i: number, k: number): number {
    const floor = this.#minimum.values[i]!;
    const v = this.#v[i]!;
    if (!this.#onGrid) return Math.max(floor, this.#along(i, v, k));
    if (k === 1) return Math.max(floor, this.#afterStep(i, v));
    const before = v < floor ? this.#along(i, this.#firstStepFromBelow(i), k - 2) : this.#along(i, v, k - 1);
    return Math.max(floor, this.#afterStep(i, Math.max(floor, before)));
  }

  /** The closed form from v on, without the floor. */
  #along(i: number, v: number, k: number): number {
    if (this.#decay.values[i] === 1) return v + k * this.#drive.values[i]!;
    const settled = this.#settled.values[i]!;
    return v + (settled - v) * this.#powers.shareOf(i, k);
  }

  #crosses(i: number, v: number): boolean {
    const theta = this.#threshold.values[i]!;
    return this.#atThreshold ? v >= theta : v > theta;
  }

  /** The real number of steps from v ≤ θ to θ, where the membrane gets there. */
  #stepsUntil(i: number, v: number, theta: number): number {
    if (this.#decay.values[i] === 1) return (theta - v) / this.#drive.values[i]!;
    const settled = this.#settled.values[i]!;
    // ln((v∞ − θ)/(v∞ − v)), exact where both are near.
    return Math.max(0, Math.log1p((v - theta) / (settled - v)) / this.#powers.logarithm(i));
  }
}
