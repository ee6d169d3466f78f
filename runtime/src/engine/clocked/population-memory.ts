import type { Layout } from './layout.ts';
import type { MemoryPlan } from './memory.ts';

/** Parameters of a population as they lie in memory: one value per neuron, or as many as repeat where all places have the same. */
export class PopulationMemory {
  /** After how many neurons the parameters repeat. */
  readonly period: number;
  readonly #memory: MemoryPlan;
  readonly #layout: Layout;

  /** `parameters` are all that the population will have, in row-major order. */
  constructor(memory: MemoryPlan, layout: Layout, parameters: readonly (ArrayLike<number> | undefined)[]) {
    this.#memory = memory;
    this.#layout = layout;
    const isShared = parameters.every((values) => values === undefined || isSharedByPlaces(values, layout));
    this.period = isShared ? layout.period : layout.length;
  }

  /** Address of a parameter, 0 for none. `padding` is what neurons have that do not exist. */
  int32(values: ArrayLike<number> | undefined, padding = 0): number {
    return values === undefined ? 0 : this.#memory.int32(this.#arrange(values, padding));
  }

  float32(values: ArrayLike<number> | undefined, padding = 0): number {
    return values === undefined ? 0 : this.#memory.float32(this.#arrange(values, padding));
  }

  #arrange(values: ArrayLike<number>, padding: number): Float64Array {
    return this.#layout.arrange(values, padding).subarray(0, this.period);
  }
}

function isSharedByPlaces(values: ArrayLike<number>, { size, places }: Layout): boolean {
  for (let index = 0; index < size; index++) {
    if (values[index] !== values[index - (index % places)]) return false;
  }
  return true;
}
