import {
  type Connectivity,
  graphOf,
  type IntegerForm,
  integerFormOf,
  neuronConstants,
  type Quantization,
  RandomGenerator,
  type ResolvedNode,
  realWeights,
  rowsOf,
  unitOf,
  type Wiring,
  weightUnits,
} from '@spikewire/models';
import { type Engine, type LoadOptions, newCounters } from '../engine.ts';
import type { LearnedConnection } from '../learn/learned-connections.ts';
import { storedWeights } from '../learn/weights/weight-storage.ts';
import type { LearnedWeights } from '../learn/weights/weights.ts';
import { createIntegerConnection, createIntegerInput, type IntegerConnection } from './integer-connection.ts';
import { createIntegerPopulation, type IntegerPopulation } from './integer-population.ts';
import { createTerminal, type WorkingNode } from './node.ts';
import { type Arithmetic, StepwiseNetwork } from './stepwise.ts';

/**
 * The oracle of the integer form (docs/semantics.md §2): every engine and device that runs an integer model equals it
 * bit for bit. Numbers are whole, kept in doubles, where all sums and products of the text are exact.
 */
export const integerEngine: Engine = {
  name: 'integer',
  doc: 'computes integer models (made by quantize) exactly as documented, to check other engines; slow',
  weightBits: [8, 4],
  load(model, options = {}) {
    const integers = integerFormOf(model, graphOf(model, options.graph));
    return new StepwiseNetwork(model, integers.wiring, new IntegerArithmetic(integers, options), options);
  },
};

class IntegerArithmetic implements Arithmetic {
  readonly engine = integerEngine.name;
  readonly counters = newCounters();
  readonly retained: readonly object[];
  readonly #quantization: Quantization;
  readonly #wiring: Wiring;
  readonly #seed: number | bigint;
  readonly #populations = new Map<number, IntegerPopulation>();
  readonly #connections = new Map<number, IntegerConnection>();
  readonly #learned = new Map<number, LearnedWeights>();

  constructor({ quantization, wiring }: IntegerForm, { seed = 1 }: LoadOptions) {
    this.#quantization = quantization;
    this.#wiring = wiring;
    this.retained = [wiring];
    this.#seed = seed;
  }

  createNode(resolved: ResolvedNode, index: number, connectivity: Connectivity | undefined): WorkingNode {
    const { name, kind } = resolved;
    const { inputs, connections } = this.#quantization;
    if (kind.role === 'output') return createTerminal();
    if (kind.role === 'input') return createIntegerInput(inputs.get(name)!, this.counters);
    if (connectivity !== undefined) {
      const connection = createIntegerConnection(connectivity, connections.get(name)?.shift ?? 0, this.counters);
      this.#connections.set(index, connection);
      return connection;
    }
    const population = createIntegerPopulation(resolved, neuronConstants(this.#quantization, resolved), this.counters);
    this.#populations.set(index, population);
    return population;
  }

  learnedWeights({ name, index, declarations, connectivity }: LearnedConnection): LearnedWeights {
    const { integers } = this.#connections.get(index)!;
    const unit = weightUnits(this.#wiring, index, this.#quantization);
    const options = {
      base: connectivity.weights!,
      rowLength: integers.length / rowsOf(connectivity),
      unit,
      random: new RandomGenerator(this.#seed, `weights of ${name}`),
      changed: (k: number, q: number) => {
        integers[k] = q;
      },
    };
    const weights = storedWeights(declarations, options);
    this.#learned.set(index, weights);
    return weights;
  }

  unitOf(index: number): number {
    return unitOf(this.#wiring, index, this.#quantization);
  }

  readState(index: number, variable: string): Float64Array | undefined {
    return this.#populations.get(index)?.readReal(variable);
  }

  /** Learned weights with the bits below the grid of q that they are kept in. */
  readWeights(index: number): Float64Array | undefined {
    const integers = this.#connections.get(index)?.integers;
    if (integers === undefined || integers.length === 0) return undefined;
    const learned = this.#learned.get(index);
    if (learned !== undefined) return Float64Array.from(integers, (_, k) => learned.read(k));
    return realWeights(this.#wiring, index, this.#quantization, integers);
  }
}
