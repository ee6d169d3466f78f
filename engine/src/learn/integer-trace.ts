import { exp, type KeptState, kept, roundHalfEven, type TraceDeclaration, whole } from '@spikewire/models';
import type { SparseActivity } from './sparse-activity.ts';
import { gainOf, type Trace } from './trace.ts';

/** What a spike adds. */
const SPIKE = 2 ** 16;
/** 256 spikes. */
const LARGEST = 2 ** 24;
/** A decay of 1. */
const ONE = 2 ** 15;

/** A, 0 … 2¹⁵ − 1: what a step of `dt` leaves of a trace, in units of 2⁻¹⁵; both in seconds. */
export function decayFactor(tau: number, dt: number): number {
  return tau > 0 ? Math.min(ONE - 1, roundHalfEven(exp(-dt / tau) * ONE)) : 0;
}

/** Modes of traces that have an integer form. */
export type SpikeTrace = Extract<TraceDeclaration, { readonly mode: 'add' | 'set' | 'rate' }>;

/**
 * A trace in integers (docs/semantics.md §4): each step x ← ⌊x·A/2¹⁵⌋ toward 0 with A = round(e^(−dt/τ)·2¹⁵) < 2¹⁵, and
 * a spike adds 2¹⁶, up to 2²⁴. Only numbers that are not 0 yet take time.
 */
export class IntegerTrace implements Trace {
  readonly declaration: SpikeTrace;
  readonly values: Float64Array;
  /** What 1 is worth in the units of the rule: spikes, or Hz. */
  readonly scale: number;
  readonly bytes: number;
  readonly #factor: number;
  /** The first `#count` are the neurons whose numbers decay, in no order: all that are not 0. */
  readonly #active: Int32Array;
  readonly #isActive: Uint8Array;
  #count = 0;

  /** @param dt step in seconds */
  constructor(declaration: SpikeTrace, size: number, dt: number) {
    const { mode, tau } = declaration;
    this.declaration = declaration;
    this.values = new Float64Array(size);
    this.#active = new Int32Array(size);
    this.#isActive = new Uint8Array(size);
    this.bytes = this.values.byteLength + this.#active.byteLength + this.#isActive.byteLength;
    this.#factor = decayFactor(tau, dt) / ONE;
    this.scale = gainOf(mode, tau, dt) / SPIKE;
  }

  at(n: number): number {
    return this.values[n]! * this.scale;
  }

  decay(steps = 1): void {
    for (let left = steps; left > 0 && this.#count > 0; left--) this.#decayOnce();
  }

  #decayOnce(): void {
    const [values, active, factor] = [this.values, this.#active, this.#factor];
    let count = 0;
    for (let k = 0; k < this.#count; k++) {
      const n = active[k]!;
      const value = Math.trunc(values[n]! * factor);
      values[n] = value;
      if (value !== 0) active[count++] = n;
      else this.#isActive[n] = 0;
    }
    this.#count = count;
  }

  takeUp({ length, index, value }: SparseActivity): void {
    const isSet = this.declaration.mode === 'set';
    for (let k = 0; k < length; k++) {
      const n = index[k]!;
      const sum = isSet ? SPIKE : this.values[n]! + roundHalfEven(SPIKE * value[k]!);
      this.values[n] = Math.max(-LARGEST, Math.min(LARGEST, sum));
      this.#activate(n);
    }
  }

  #activate(n: number): void {
    if (this.#isActive[n] === 1) return;
    this.#isActive[n] = 1;
    this.#active[this.#count++] = n;
  }

  pass(activity: SparseActivity): void {
    this.decay();
    this.takeUp(activity);
  }

  kept(name: string): KeptState {
    return { [name]: kept(this.values, whole(-LARGEST, LARGEST)) };
  }

  reset(): void {
    this.values.fill(0);
    this.restored();
  }

  restored(): void {
    this.#count = 0;
    this.#isActive.fill(0);
    for (let n = 0; n < this.values.length; n++) if (this.values[n] !== 0) this.#activate(n);
  }
}
