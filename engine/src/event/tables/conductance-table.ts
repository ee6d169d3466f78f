import type { NeuronDynamics } from '@spikewire/models';
import { CELLS, type Course, LONGEST, StretchGrid } from './stretch-grid.ts';

const PRECISION = { points: 6, tolerance: 1e-9 };
/** Cells of the grid below conductances of 0, for looks next to them. */
const BELOW = 3;
/** The largest conductance for which there is a table, in those of the leak, where no other bound is known. */
const LARGEST = 50;
/** Conductances below this move a membrane by less than its last digit. */
const FADED = 2 ** -50;

/** Numbers of a leaky membrane with two synaptic conductances. */
export interface ConductanceNeuron {
  readonly leak: number;
  readonly threshold: number;
  /** dt/τ. */
  readonly share: number;
  /** The membranes to which the conductances pull. */
  readonly reversal: readonly [number, number];
}

/**
 * A leaky membrane behind two synaptic conductances that decay: a grid over both conductances has where the kind's own
 * equations take the membrane in 2, 4, 8, … steps. That is linear in the membrane, v ← leak + A·(v − leak) + C·scale,
 * so that the grid needs no third dimension for it (Ros et al. 2006 have one). It serves neurons that cannot spike
 * until something arrives.
 */
export class ConductanceTable {
  readonly #neuron: ConductanceNeuron;
  readonly #scale: number;
  readonly #spacing: readonly [number, number];
  readonly #course: ConductanceCourse;
  readonly #grid: StretchGrid;

  constructor(neuron: ConductanceNeuron, membrane: StepOfMembrane) {
    const { leak, reversal } = neuron;
    this.#neuron = neuron;
    this.#scale = Math.max(1e-9, ...reversal.map((each) => Math.abs(each - leak)));
    const [first, second] = reversal.map((each) => Math.log1p(largest(neuron, each)) / (CELLS - 2 * BELOW));
    this.#spacing = [first!, second!];
    this.#course = new ConductanceCourse(membrane, leak, this.#scale, this.#spacing);
    this.#grid = new StretchGrid(this.#course, PRECISION);
  }

  /** Whether no spike comes until something arrives: conductances pull the membrane to nowhere above the threshold. */
  isCalm(v: number, theta: number, one: number, other: number): boolean {
    const { leak, threshold, share, reversal } = this.#neuron;
    const bar = threshold + Math.min(0, theta);
    // Longer steps would leap over where the membrane is pulled to.
    if (!(v < bar && one >= 0 && other >= 0 && share * (1 + one + other) <= 1)) return false;
    // The mean of leak and reversals, weighted with conductances that fall, is largest with all or nothing of each.
    const pulled = (a: number, b: number) => (leak + a * reversal[0] + b * reversal[1]) / (1 + a + b);
    return pulled(0, 0) < bar && pulled(one, 0) < bar && pulled(0, other) < bar && pulled(one, other) < bar;
  }

  /**
   * Brings the membrane of a calm neuron, [v, conductance, conductance, theta], forward by at most `most` steps, and
   * returns by how many; 0 where the table does not hold.
   */
  forward(state: Float64Array, most: number): number {
    const [row, column] = [this.#cellOf(state[1]!, 0), this.#cellOf(state[2]!, 1)];
    const held = most < 2 ? 0 : this.#grid.heldAt(row, column);
    if (held === 0) return 0;
    const stretches = Math.min(held, 31 - Math.clz32(Math.min(most, LONGEST)));
    this.#grid.look(row, column, stretches);
    const { leak } = this.#neuron;
    const times = state[1]! + state[2]! < FADED ? Math.floor(most / 2 ** stretches) : 1;
    const steps = times * 2 ** stretches;
    state[0] = leak + this.#grid.first ** times * (state[0]! - leak) + this.#grid.second * this.#scale;
    const { decay } = this.#course;
    for (let k = 0; k < 3; k++) state[k + 1]! *= decay[k]! ** steps;
    return steps;
  }

  #cellOf(conductance: number, axis: 0 | 1): number {
    return Math.log1p(conductance) / this.#spacing[axis] + BELOW;
  }
}

/** How large a conductance may be before it pulls the membrane of a neuron above its threshold. */
function largest({ leak, threshold }: ConductanceNeuron, reversal: number): number {
  const pulls = (threshold - leak) / (reversal - threshold);
  return pulls > 0 && pulls < LARGEST ? pulls : LARGEST;
}

/** A step without arrivals of [v, conductance, conductance, theta]; returns whether it spiked. */
export type StepOfMembrane = (state: Float64Array) => boolean;

/** Two membranes under the same conductances, which tell what a stretch makes of any. */
class ConductanceCourse implements Course {
  /** What a step leaves of both conductances and of theta. */
  readonly decay: readonly number[];
  readonly #step: StepOfMembrane;
  readonly #leak: number;
  readonly #scale: number;
  readonly #spacing: readonly [number, number];
  /** From the leak, and from one scale below. */
  readonly #upper = new Float64Array(4);
  readonly #lower = new Float64Array(4);

  constructor(step: StepOfMembrane, leak: number, scale: number, spacing: readonly [number, number]) {
    this.#step = step;
    this.#leak = leak;
    this.#scale = scale;
    this.#spacing = spacing;
    this.#lower.set([leak - scale, 1e-3, 1e-3, 1e-3]);
    step(this.#lower);
    this.decay = [1, 2, 3].map((k) => this.#lower[k]! / 1e-3);
  }

  get first(): number {
    return (this.#upper[0]! - this.#lower[0]!) / this.#scale;
  }

  get second(): number {
    return (this.#upper[0]! - this.#leak) / this.#scale;
  }

  begin(row: number, column: number): void {
    this.resume(row, column, 0, 1, 0);
  }

  resume(row: number, column: number, steps: number, first: number, second: number): void {
    const upper = this.#leak + second * this.#scale;
    const one = Math.expm1((row - BELOW) * this.#spacing[0]) * this.decay[0]! ** steps;
    const other = Math.expm1((column - BELOW) * this.#spacing[1]) * this.decay[1]! ** steps;
    this.#upper.set([upper, one, other, 0]);
    this.#lower.set([upper - first * this.#scale, one, other, 0]);
  }

  advance(): boolean {
    const spiked = this.#step(this.#upper);
    return !(this.#step(this.#lower) || spiked);
  }
}

/** A step of neuron i of a population by its own equations, whatever else its state is. */
export function stepOfMembrane(
  { step }: NeuronDynamics,
  state: Readonly<Record<string, Float64Array>>,
  names: readonly string[],
  nothing: readonly Float64Array[],
  i: number,
): StepOfMembrane {
  return (values) => {
    names.forEach((name, k) => {
      state[name]![i] = values[k]!;
    });
    state.refractory![i] = 0;
    const spikes = step(i, nothing, state);
    names.forEach((name, k) => {
      values[k] = state[name]![i]!;
    });
    return spikes > 0;
  };
}
