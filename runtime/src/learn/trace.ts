import type { TraceDeclaration, TraceView } from '@spikewire/models';
import type { SparseActivity } from './sparse-activity.ts';

/** Below this a trace is nothing; without the cut, silent neurons would end in subnormal numbers. */
const NOTHING = 1e-30;

/** What reads a trace as a whole: number n is values[n]·scale. */
export interface TraceReading extends TraceView {
  readonly values: Float64Array;
  readonly scale: number;
}

/**
 * A filtered record of activity, one number per neuron.
 *
 * That all numbers decay alike is kept in one common scale: a decay multiplies it, a spike adds 1/scale. So a step costs as much as it
 * has spikes, whatever the size of the population; once the scale is next to nothing it is multiplied into the numbers.
 */
export class Trace implements TraceReading {
  readonly declaration: TraceDeclaration;
  readonly values: Float64Array;
  /** [scale], kept with the state. */
  readonly scaling = Float64Array.of(1);
  readonly #decay: number;
  readonly #share: number;
  readonly #gain: number;
  readonly #decays: boolean;

  constructor(declaration: TraceDeclaration, size: number, dt: number) {
    this.declaration = declaration;
    this.#decays = declaration.mode !== 'membrane' && declaration.mode !== 'mean-square';
    this.values = new Float64Array(size);
    const tau = declaration.mode === 'membrane' ? 0 : declaration.tau;
    this.#decay = tau > 0 ? Math.exp(-dt / tau) : 0;
    // 1 − decay, without losing it where τ is long.
    this.#share = tau > 0 ? -Math.expm1(-dt / tau) : 1;
    this.#gain = declaration.mode === 'rate' ? this.#share / dt : 1;
  }

  get scale(): number {
    return this.scaling[0]!;
  }

  at(n: number): number {
    return this.values[n]! * this.scaling[0]!;
  }

  decay(): void {
    if (!this.#decays) return;
    if (this.#decay === 0) {
      this.values.fill(0);
      return;
    }
    this.scaling[0]! *= this.#decay;
    if (this.scaling[0]! < NOTHING) this.#settle();
  }

  /** `add` and `rate` take up the number of spikes (or the graded value), `set` becomes 1 whatever the value. */
  takeUp({ length, index, value }: SparseActivity): void {
    const values = this.values;
    const unit = this.#gain / this.scaling[0]!;
    if (this.declaration.mode === 'set') for (let k = 0; k < length; k++) values[index[k]!] = unit;
    else for (let k = 0; k < length; k++) values[index[k]!]! += unit * value[k]!;
  }

  /** A step in which nothing reads the trace between its decay and what it takes up. */
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

  reset(): void {
    this.values.fill(0);
    this.scaling[0] = 1;
  }

  #settle(): void {
    const values = this.values;
    const scale = this.scaling[0]!;
    for (let n = 0; n < values.length; n++) {
      const value = values[n]! * scale;
      values[n] = Math.abs(value) > NOTHING ? value : 0;
    }
    this.scaling[0] = 1;
  }
}
