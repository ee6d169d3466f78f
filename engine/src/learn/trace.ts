import { type KeptState, kept, real, type TraceDeclaration, type TraceView } from '@spikewire/models';
import { SharedDecay } from './shared-decay.ts';
import type { SparseActivity } from './sparse-activity.ts';

/** What reads a trace as a whole: number n is values[n]·scale. */
export interface TraceReading extends TraceView {
  readonly values: Float64Array;
  readonly scale: number;
}

/** A filtered record of activity, one number per neuron. */
export interface Trace extends TraceReading {
  readonly declaration: TraceDeclaration;
  readonly bytes: number;
  /** Lets `steps` steps pass; by default one. */
  decay(steps?: number): void;
  /** Takes up the spikes, or graded values, of a step. */
  takeUp(activity: SparseActivity): void;
  /** A step in which nothing reads the trace between its decay and what it takes up. */
  pass(activity: SparseActivity): void;
  /** Moves a mean square on by one step; only such traces have it. */
  takeSquare?(of: TraceReading): void;
  /** Everything that changes, as it is saved, by names that begin with `name`. */
  kept(name: string): KeptState;
  reset(): void;
  /** To be called after what `kept` names was overwritten from outside. */
  restored(): void;
}

/**
 * A trace in real numbers. A decay moves the shared scale, a spike adds 1/scale, so that a step costs as much as it has
 * spikes, whatever the size of the population.
 */
export class RealTrace implements Trace {
  readonly declaration: TraceDeclaration;
  readonly values: Float64Array;
  /** [scale], kept with the state. */
  readonly scaling: Float64Array;
  readonly bytes: number;
  readonly #scale: SharedDecay;
  readonly #share: number;
  readonly #gain: number;

  constructor(declaration: TraceDeclaration, size: number, dt: number) {
    this.declaration = declaration;
    this.values = new Float64Array(size);
    const tau = 'tau' in declaration ? declaration.tau : 0;
    const decays = declaration.mode === 'add' || declaration.mode === 'set' || declaration.mode === 'rate';
    this.#scale = new SharedDecay(decays ? tau : Number.POSITIVE_INFINITY, dt);
    this.scaling = this.#scale.scaling;
    this.bytes = this.values.byteLength + this.#scale.bytes;
    this.#share = shareOf(tau, dt);
    this.#gain = gainOf(declaration.mode, tau, dt);
  }

  get scale(): number {
    return this.scaling[0]!;
  }

  at(n: number): number {
    return this.values[n]! * this.scaling[0]!;
  }

  decay(steps = 1): void {
    if (this.declaration.mode === 'rest') this.#countDown(steps);
    else this.#scale.pass(steps, this.values);
  }

  #countDown(steps: number): void {
    const values = this.values;
    for (let n = 0; n < values.length; n++) if (values[n]! > 0) values[n] = Math.max(0, values[n]! - steps);
  }

  /**
   * `add` and `rate` take up the number of spikes (or the graded value), `set` becomes 1 whatever the value, `rest`
   * begins.
   */
  takeUp({ length, index, value }: SparseActivity): void {
    const values = this.values;
    if (this.declaration.mode === 'rest') {
      // One more, because the first step that it counts down in is already one of the rest.
      for (let k = 0; k < length; k++) values[index[k]!] = 1 + this.declaration.steps[index[k]!]!;
      return;
    }
    const unit = this.#gain / this.scaling[0]!;
    if (this.declaration.mode === 'set') for (let k = 0; k < length; k++) values[index[k]!] = unit;
    else for (let k = 0; k < length; k++) values[index[k]!]! += unit * value[k]!;
  }

  pass(activity: SparseActivity): void {
    this.decay();
    if (activity.length > 0) this.takeUp(activity);
  }

  /** Moves a mean square on by one step. */
  takeSquare(of: TraceReading): void {
    const values = this.values;
    const share = this.#share;
    for (let n = 0; n < values.length; n++) values[n]! += share * (of.at(n) ** 2 - values[n]!);
  }

  kept(name: string): KeptState {
    return { [name]: kept(this.values, real()), [`${name}.scale`]: kept(this.scaling, real(0, 1)) };
  }

  reset(): void {
    this.values.fill(0);
    this.#scale.reset();
  }

  restored(): void {
    this.#scale.restored();
  }
}

/** What a spike adds to a trace of this mode, in its units: spikes, or Hz for `rate`. */
export function gainOf(mode: TraceDeclaration['mode'], tau: number, dt: number): number {
  return mode === 'rate' ? shareOf(tau, dt) / dt : 1;
}

/** 1 − decay, without losing it where τ is long. */
function shareOf(tau: number, dt: number): number {
  return tau > 0 ? -Math.expm1(-dt / tau) : 1;
}
