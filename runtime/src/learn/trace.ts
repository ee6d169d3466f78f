import type { TraceDeclaration } from '@spikewire/models';
import type { SparseActivity } from './sparse-activity.ts';

/** Below this a trace is nothing; without the cut, silent neurons end in subnormal numbers, which cost a hundred times more. */
const NOTHING = 1e-30;

/** A filtered record of activity, one value per neuron, decaying by e^(−dt/τ) per step. */
export class Trace {
  readonly declaration: TraceDeclaration;
  readonly values: Float64Array;
  readonly #decay: number;
  readonly #gain: number;

  constructor(declaration: TraceDeclaration, size: number, dt: number) {
    this.declaration = declaration;
    this.values = new Float64Array(size);
    this.#decay = declaration.tau > 0 ? Math.exp(-dt / declaration.tau) : 0;
    this.#gain = declaration.mode === 'rate' ? (1 - this.#decay) / dt : 1;
  }

  decay(): void {
    const values = this.values;
    const size = values.length;
    const factor = this.#decay;
    for (let i = 0; i < size; i++) {
      const value = values[i]! * factor;
      values[i] = Math.abs(value) > NOTHING ? value : 0;
    }
  }

  /** `add` and `rate` take up the number of spikes (or the graded value), `set` becomes 1 whatever the value. */
  takeUp(spikes: SparseActivity): void {
    const values = this.values;
    const { length, index, value } = spikes;
    if (this.declaration.mode === 'set') {
      for (let k = 0; k < length; k++) values[index[k]!] = 1;
    } else {
      for (let k = 0; k < length; k++) values[index[k]!]! += this.#gain * value[k]!;
    }
  }
}
