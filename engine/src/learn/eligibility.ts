import { type KeptState, kept, real } from '@spikewire/models';
import { SharedDecay } from './shared-decay.ts';
import type { SynapseList } from './weights/synapses.ts';

/** One decaying number per synapse between spikes and weights. Like a trace it decays by a shared scale. */
export class EligibilityTraces {
  readonly values: Float32Array;
  /** [scale], kept with the state. */
  readonly scaling: Float64Array;
  readonly bytes: number;
  readonly #scale: SharedDecay;

  constructor(synapses: number, tau: number, dt: number) {
    this.values = new Float32Array(synapses);
    this.#scale = new SharedDecay(tau, dt);
    this.scaling = this.#scale.scaling;
    this.bytes = this.values.byteLength + this.#scale.bytes;
  }

  get scale(): number {
    return this.scaling[0]!;
  }

  at(synapse: number): number {
    return this.values[synapse]! * this.scaling[0]!;
  }

  /** Lets `steps` steps pass. */
  decay(steps = 1): void {
    this.#scale.pass(steps, this.values);
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
    for (let e = 0, index = start; e < count; e++, index += stride) values[index]! += each * trace[e]! + constant;
  }

  /** Adds factor·trace[other] + offset to the synapses of neuron `n` of a list. */
  addListed(
    { other, synapse, from }: SynapseList,
    n: number,
    trace: Float64Array,
    factor: number,
    offset: number,
  ): void {
    const values = this.values;
    const scale = this.scaling[0]!;
    const each = factor / scale;
    const constant = offset / scale;
    const end = from[n + 1]!;
    for (let entry = from[n]!; entry < end; entry++) {
      values[synapse === undefined ? entry : synapse[entry]!]! += each * trace[other[entry]!]! + constant;
    }
  }

  /** Its numbers and their scale as they are saved, by a name. */
  kept(name: string): KeptState {
    return { [name]: kept(this.values, real()), [`${name}.scale`]: kept(this.scaling, real(0, 1)) };
  }

  reset(): void {
    this.values.fill(0);
    this.#scale.reset();
  }

  /** To be called after `values` and `scaling` were overwritten from outside. */
  restored(): void {
    this.#scale.restored();
  }
}
