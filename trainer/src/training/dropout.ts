import { elementCount, RandomGenerator, type ResolvedGraph } from '@spikewire/models';

/** Name under which a program is given the mask of a node. */
export const maskOf = (node: string) => `dropout/${node}`;

/** The populations that others learn from: all but those that lead to nothing but an Output. */
export function droppedNodes({ nodes, edges }: ResolvedGraph): string[] {
  return nodes.flatMap(({ name, kind }, place) => {
    const leadsOn = edges.some(({ source, target }) => source === place && nodes[target]!.kind.role !== 'output');
    return kind.role === 'neuron' && leadsOn ? [name] : [];
  });
}

/**
 * Dropout (Srivastava et al. 2014): a share `rate` of all neurons is silent for a sample, the others count 1/(1 −
 * rate). One mask holds for all steps of a sample (Lee et al. 2020, Enabling spike-based backpropagation for training
 * deep neural network architectures): masks that change in every step only thin out the spikes of every neuron.
 */
export class DropoutMasks {
  /** By the names under which the program is given them: [batch, …]. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
  readonly #rate: number;

  constructor(graph: ResolvedGraph, rate: number, batch: number) {
    const names = rate === 0 ? [] : droppedNodes(graph);
    const sizeOf = (node: string) => elementCount(graph.nodes.find(({ name }) => name === node)!.shape);
    this.arrays = Object.fromEntries(names.map((name) => [maskOf(name), new Float32Array(batch * sizeOf(name))]));
    this.#rate = rate;
  }

  /** Draws the masks of a step of training: the same ones for the same seed and step. */
  draw(seed: number, step: number): void {
    const random = new RandomGenerator(seed, `dropout of step ${step}`);
    const kept = 1 / (1 - this.#rate);
    for (const mask of Object.values(this.arrays)) {
      for (let k = 0; k < mask.length; k++) mask[k] = random.nextUniform() < this.#rate ? 0 : kept;
    }
  }
}
