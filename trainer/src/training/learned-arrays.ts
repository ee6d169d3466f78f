import { elementCount, type Shape } from '@spikewire/models';
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
  constructor({ learned, optimiser, trainingNodes }: Pick<TrainingPlan, 'learned' | 'optimiser' | 'trainingNodes'>) {
    for (const { name, shape, start } of learned) {
      this.#add(name, shape).set(start);
      for (const slot of optimiser.slots) this.#add(slotOf(name, slot), shape);
    }
    for (const { name, arrays } of trainingNodes) {
      for (const [key, { shape, start, changedBy }] of Object.entries(arrays)) {
        if (changedBy === 'node') this.#add(`${name}.${key}`, shape).fill(start);
      }
    }
  }

  #add(name: string, shape: Shape): Float32Array {
    this.#next[name] = new Float32Array(elementCount(shape));
    this.#current[name] = new Float32Array(elementCount(shape));
    return this.#current[name];
  }

  /** All arrays by name: parameters, what the optimiser keeps, and running arrays of nodes of training. */
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
