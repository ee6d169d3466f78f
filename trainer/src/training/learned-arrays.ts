import { elementCount, RandomGenerator } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';
import { type NetworkParameter, type NetworkPlan, parametersOf } from '../network/network.ts';
import { meanOf, NEXT, squareOf } from './programs.ts';

/**
 * Everything that a step changes, twice: the program reads one side and writes the other, and then they change places. No
 * array is copied or allocated in a step.
 */
export class LearnedArrays {
  readonly parameters: readonly NetworkParameter[];
  #current: Record<string, Float32Array> = {};
  #next: Record<string, Float32Array> = {};

  /** Starts from weights drawn uniformly from ±√(3/fan-in), which have the variance 1/fan-in, and from biases of 0. */
  constructor(plan: NetworkPlan, seed: number) {
    this.parameters = parametersOf(plan.layers);
    for (const { name, shape, fanIn } of this.parameters) {
      const size = elementCount(shape);
      for (const array of [name, meanOf(name), squareOf(name)]) {
        this.#current[array] = new Float32Array(size);
        this.#next[array] = new Float32Array(size);
      }
      if (fanIn > 0)
        drawWeights(this.#current[name]!, Math.sqrt(3 / fanIn), new RandomGenerator(seed, `weights ${name}`));
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

function drawWeights(target: Float32Array, reach: number, random: RandomGenerator): void {
  for (let i = 0; i < target.length; i++) target[i] = reach * (2 * random.nextUniform() - 1);
}
