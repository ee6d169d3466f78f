import { type Connectivity, type ResolvedNode, wire } from '@spikewire/models';
import { type Engine, newCounters } from '../engine.ts';
import type { LearnedConnection } from '../learn/learned-connections.ts';
import type { LearnedWeights } from '../learn/weights/weights.ts';
import { realGraphOf } from '../model-graph.ts';
import {
  createConnection,
  createPopulation,
  createTerminal,
  type WorkingConnection,
  type WorkingNode,
} from './node.ts';
import { type Arithmetic, StepwiseNetwork } from './stepwise.ts';

/**
 * The oracle: float64, every equation as its kind writes it. Slow and readable; all engines that compute with real
 * numbers are held against it. An integer model runs with the real weights that its integers stand for.
 */
export const referenceEngine: Engine = {
  name: 'reference',
  doc: 'computes every equation exactly as documented, in float64, to check other engines; slow',
  realNumbers: true,
  load(model, options = {}) {
    return new StepwiseNetwork(model, wire(realGraphOf(model, options.graph)), new FloatArithmetic(), options);
  },
};

class FloatArithmetic implements Arithmetic {
  readonly engine = referenceEngine.name;
  readonly counters = newCounters();
  readonly #states = new Map<number, WorkingNode['state']>();
  readonly #connections = new Map<number, WorkingConnection>();

  createNode(resolved: ResolvedNode, index: number, connectivity: Connectivity | undefined): WorkingNode {
    const { kind } = resolved;
    if (connectivity !== undefined) {
      const connection = createConnection(connectivity, this.counters);
      this.#connections.set(index, connection);
      return connection;
    }
    if (kind.role !== 'neuron') return createTerminal();
    const population = createPopulation(resolved, kind, this.counters);
    this.#states.set(index, population.state);
    return population;
  }

  learnedWeights({ index }: LearnedConnection): LearnedWeights {
    return this.#connections.get(index)!.learnable();
  }

  unitOf(): number {
    return 1;
  }

  readState(index: number, variable: string): Float64Array | undefined {
    return this.#states.get(index)?.[variable]?.slice();
  }

  readWeights(index: number): Float64Array | undefined {
    return this.#connections.get(index)?.weights.slice();
  }
}
