/** A number below this is nothing; single precision ends soon after. */
const NOTHING = 1e-30;

/**
 * One decaying number per synapse between spikes and weights. Like a trace it decays by a common scale, so that silent synapses cost
 * nothing.
 */
export class EligibilityTraces {
  readonly values: Float32Array;
  /** [scale], kept with the state. */
  readonly scaling = Float64Array.of(1);
  readonly #decay: number;

  constructor(synapses: number, tau: number, dt: number) {
    this.values = new Float32Array(synapses);
    this.#decay = Math.exp(-dt / tau);
  }

  get scale(): number {
    return this.scaling[0]!;
  }

  at(synapse: number): number {
    return this.values[synapse]! * this.scaling[0]!;
  }

  decay(): void {
    this.scaling[0]! *= this.#decay;
    if (this.scaling[0]! < NOTHING) this.#settle();
  }

  add(synapse: number, change: number): void {
    this.values[synapse]! += change / this.scaling[0]!;
  }

  /** Adds factor·trace[e] + offset to the synapses start + e·stride, for e < count. */
  addRow(start: number, stride: number, count: number, trace: Float64Array, factor: number, offset: number): void {
    const values = this.values;
    const scale = this.scaling[0]!;
    const each = factor / scale;
    const constant = offset / scale;
    for (let e = 0, place = start; e < count; e++, place += stride) values[place]! += each * trace[e]! + constant;
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
