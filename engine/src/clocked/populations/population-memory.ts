import type { MemoryPlan } from '../kernels/memory.ts';
import type { Layout } from '../layout.ts';

/** Neurons that kernels take together. */
const LANES = 16;

/**
 * Parameters of a population as they lie in memory: one value per neuron, or as many as repeat where all pixels have
 * the same, or all neurons.
 */
export class PopulationMemory {
  /** After how many neurons the parameters repeat. */
  readonly period: number;
  /** Whether all neurons have the same, those that do not exist too. */
  readonly isAlike: boolean;
  readonly #memory: MemoryPlan;
  readonly #layout: Layout;

  /**
   * `parameters` are all that the population will have, in row-major order. `padsAlike`: neurons that do not exist may
   * have the same as others.
   */
  constructor(
    memory: MemoryPlan,
    layout: Layout,
    parameters: readonly (ArrayLike<number> | undefined)[],
    padsAlike = false,
  ) {
    this.#memory = memory;
    this.#layout = layout;
    const all = parameters.filter((values) => values !== undefined);
    this.isAlike = padsAlike && all.every((values) => isSharedBy(values, layout.size));
    const period = all.every((values) => isSharedByPixels(values, layout)) ? layout.period : layout.length;
    this.period = this.isAlike ? LANES : period;
  }

  /** Address of a parameter, 0 for none. `padding` is what neurons have that do not exist. */
  int32(values: ArrayLike<number> | undefined, padding = 0): number {
    return values === undefined ? 0 : this.#memory.int32(this.#arrange(values, padding));
  }

  int16(values: ArrayLike<number> | undefined, padding = 0): number {
    return values === undefined ? 0 : this.#memory.int16(this.#arrange(values, padding));
  }

  float32(values: ArrayLike<number> | undefined, padding = 0): number {
    return values === undefined ? 0 : this.#memory.float32(this.#arrange(values, padding));
  }

  #arrange(values: ArrayLike<number>, padding: number): Float64Array {
    if (this.isAlike) return new Float64Array(LANES).fill(values[0]!);
    return this.#layout.arrange(values, padding).subarray(0, this.period);
  }
}

function isSharedBy(values: ArrayLike<number>, size: number): boolean {
  for (let index = 1; index < size; index++) if (values[index] !== values[0]) return false;
  return size > 0;
}

function isSharedByPixels(values: ArrayLike<number>, { size, pixels }: Layout): boolean {
  for (let index = 0; index < size; index++) {
    if (values[index] !== values[index - (index % pixels)]) return false;
  }
  return true;
}
