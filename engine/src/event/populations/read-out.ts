import type { KeptState, LinearDynamics } from '@spikewire/models';
import { keptVariables } from '../../kept-variables.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { retainedBytes } from '../../retained-bytes.ts';
import { Arrivals } from '../connections/arrivals.ts';
import { bytesOf, type EventNode } from '../connections/event-node.ts';
import type { ConstantInput } from '../flow/constant-input.ts';

/** A state smaller than this is nothing, as in the clocked engine: else a read-out would fade for ever. */
const NOTHING = 2 ** -50;

/**
 * A population that hands on its state in every step. What it hands on is a number per element and step, so it costs
 * that: each element is visited in every step from its first arrival until it has faded to nothing, and then no more.
 */
export class ReadOut implements EventNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved: KeptState;
  readonly variables: readonly string[];
  readonly bytes: number;
  readonly #dynamics: LinearDynamics;
  readonly #constant: ConstantInput;
  readonly #v: Float64Array;
  readonly #j: Float64Array | undefined;
  /** The step in which elements that have not faded are visited next; Infinity where all have. */
  #fading = Number.POSITIVE_INFINITY;

  constructor(dynamics: LinearDynamics, constant: ConstantInput) {
    const { initial, current, decay } = dynamics;
    this.#dynamics = dynamics;
    this.#constant = constant;
    this.#v = initial.v!.slice();
    this.#j = current === undefined ? undefined : initial.i!.slice();
    this.arrivals = [new Arrivals(decay.length)];
    this.emission = sparseActivity(decay.length);
    const states: Record<string, Float64Array> = this.#j === undefined ? { v: this.#v } : { v: this.#v, i: this.#j };
    this.saved = keptVariables(states);
    this.variables = Object.keys(states);
    this.bytes = bytesOf(this.arrivals, this.emission) + constant.bytes + retainedBytes([dynamics, states]);
  }

  get next(): number {
    return Math.min(this.#fading, this.#constant.next);
  }

  visit(now: number): void {
    const [arrivals] = this.arrivals;
    while (this.#constant.next <= now) {
      this.#constant.begin();
      arrivals.touched.addAll();
    }
    const constant = this.#constant.values;
    const count = arrivals.take();
    const { drained } = arrivals.touched;
    let emitted = 0;
    let isFading = false;
    for (let k = 0; k < count; k++) {
      const i = drained[k]!;
      const v = this.#step(i, arrivals.sums[i]! + constant[i]!);
      arrivals.sums[i] = 0;
      if (this.#isAwake(i)) {
        arrivals.touched.add(i);
        isFading = true;
      }
      if (v === 0) continue;
      this.emission.index[emitted] = i;
      this.emission.value[emitted++] = v;
    }
    this.emission.length = emitted;
    this.#fading = isFading ? now + 1 : Number.POSITIVE_INFINITY;
  }

  reset(origin: number): void {
    this.#v.set(this.#dynamics.initial.v!);
    this.#j?.set(this.#dynamics.initial.i!);
    this.#constant.reset(origin);
    this.#wakeAll(origin);
  }

  restored(origin: number, now: number): void {
    this.#constant.restore(origin, now);
    this.#wakeAll(now);
  }

  readState(variable: string, _now: number, into: Float64Array): void {
    into.set(variable === 'i' ? this.#j! : this.#v);
  }

  /** One step of an element to which x arrives. */
  #step(i: number, x: number): number {
    const { decay, gain, bias, current } = this.#dynamics;
    let input = x;
    if (current !== undefined) {
      input = settled(current.decay[i]! * this.#j![i]! + current.gain[i]! * x);
      this.#j![i] = input;
    }
    const v = settled(decay[i]! * this.#v[i]! + gain[i]! * input + bias[i]!);
    this.#v[i] = v;
    return v;
  }

  /** Whether an element is anything but zero in the next step if nothing arrives. */
  #isAwake(i: number): boolean {
    const rests = this.#v[i] === 0 && this.#dynamics.bias[i] === 0 && this.#constant.values[i] === 0;
    return !rests || (this.#j !== undefined && this.#j[i] !== 0);
  }

  #wakeAll(now: number): void {
    const [arrivals] = this.arrivals;
    arrivals.clear();
    let isFading = false;
    for (let i = 0; i < this.#v.length; i++) {
      if (!this.#isAwake(i)) continue;
      arrivals.touched.add(i);
      isFading = true;
    }
    this.#fading = isFading ? now + 1 : Number.POSITIVE_INFINITY;
  }
}

function settled(value: number): number {
  return Math.abs(value) < NOTHING ? 0 : value;
}
