import { elementCount, type Model, RandomGenerator, resolveGraph, type Stimulus, tensor } from '@spikewire/models';

export interface RandomInput {
  readonly seed: number;
  readonly samples: number;
  /** Of each sample. */
  readonly steps: number;
  /** That an element of an Input spikes in a step, 0 … 1. */
  readonly probability: number;
}

/** Spikes that come by chance, each element in each step on its own; the same for all models with the same Inputs. */
export function randomStimuli(model: Model, { seed, samples, steps, probability }: RandomInput): Stimulus[] {
  const { nodes } = resolveGraph(model.graph, model.semantics);
  const inputs = nodes.filter(({ kind }) => kind.role === 'input');
  // One stream of numbers per Input: the order in which a graph names them does not matter.
  const generators = new Map(inputs.map(({ name }) => [name, new RandomGenerator(seed, `input ${name}`)]));
  return Array.from({ length: samples }, () => ({
    steps,
    input: new Map(
      inputs.map(({ name, shape }) => {
        const size = elementCount(shape);
        const generator = generators.get(name)!;
        const rows: number[] = [];
        for (let k = 0; k < steps * size; k++) {
          if (generator.nextUniform() < probability) rows.push(Math.floor(k / size), k % size, 1);
        }
        return [name, tensor(Float64Array.from(rows), [rows.length / 3, 3])];
      }),
    ),
  }));
}
