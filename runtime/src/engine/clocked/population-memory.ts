import type { Layout } from './layout.ts';
import type { MemoryPlan } from './memory.ts';

/** Parameters of a population as they lie in memory: one value per neuron, or per channel where all places have the same. */
export class PopulationMemory {
  /** Elements from the parameters of one place to those of the next; 0 where all places share them. */
  readonly parameterStep: number;
  readonly #memory: MemoryPlan;
  readonly #layout: Layout;

  /** `parameters` are all that the population will have, in row-major order. */
  constructor(memory: MemoryPlan, layout: Layout, parameters: readonly (ArrayLike<number> | undefined)[]) {
    this.#memory = memory;
    this.#layout = layout;
    this.parameterStep = parameters.every((values) => values === undefined || isSharedByPlaces(values, layout))
      ? 0
      : layout.stride;
  }

  /** Address of a parameter, 0 for none. `padding` is what neurons have that do not exist. */
  int32(values: ArrayLike<number> | undefined, padding = 0): number {
    return values === undefined ? 0 : this.#memory.int32(this.#arrange(values, padding));
  }

  float32(values: ArrayLike<number> | undefined, padding = 0): number {
    return values === undefined ? 0 : this.#memory.float32(this.#arrange(values, padding));
  }

  #arrange(values: ArrayLike<number>, padding: number): Float64Array {
    const arranged = this.#layout.arrange(values, padding);
    return this.parameterStep === 0 ? arranged.slice(0, this.#layout.stride) : arranged;
  }
}

function isSharedByPlaces(values: ArrayLike<number>, { size, places }: Layout): boolean {
  for (let index = 0; index < size; index++) {
    if (values[index] !== values[index - (index % places)]) return false;
  }
  return true;
}
