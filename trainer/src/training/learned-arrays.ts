import { elementCount } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';
import type { TrainingPlan } from './plan.ts';
import { NEXT, slotOf } from './programs.ts';

/**
 * Everything that a step changes, twice: the program reads one side and writes the other, and then they change places.
 * No array is copied or allocated in a step.
 */
export class LearnedArrays {
  #current: Record<string, Float32Array> = {};
  #next: Record<string, Float32Array> = {};

  /** Starts from the numbers of the model, and from an optimiser that has seen nothing. */
  constructor({ learned, optimiser }: Pick<TrainingPlan, 'learned' | 'optimiser'>) {
    for (const { name, shape, start } of learned) {
      for (const array of [name, ...optimiser.slots.map((slot) => slotOf(name, slot))]) {
        this.#current[array] = new Float32Array(elementCount(shape));
        this.#next[array] = new Float32Array(elementCount(shape));
      }
      this.#current[name]!.set(start);
    }
  }

  /** All arrays by name: parameters and what the optimiser keeps. */
  get current(): NumberArrays {
    return this.#current;
  }

  /** Where a step writes, by the names of the program's outputs. */
  get next(): NumberArrays {
    return Object.fromEntries(Object.entries(this.#next).map(([name, array]) => [NEXT + name, array]));
  }

  /** What a step wrote becomes current. */
  advance(): void {
    [this.#current, this.#next] = [this.#next, this.#current];
  }
}
