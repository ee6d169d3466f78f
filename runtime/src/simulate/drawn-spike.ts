import { numbersOf, type ResolvedNode, type TensorData } from '@spikewire/models';

/**
 * The spikes of a population as a recording of its membranes shows them: from the step of a spike on, the membrane is
 * what the node's `spike_shape` says. The net knows nothing of it.
 */
export class DrawnSpike {
  readonly #shape: TensorData;
  /** By neuron: steps since its last spike, at most the length of the shape. */
  readonly #age: Uint32Array;

  constructor(shape: TensorData, size: number) {
    this.#shape = shape;
    this.#age = new Uint32Array(size).fill(shape.length);
  }

  /** The shape that a node has, or undefined. */
  static of({ node }: ResolvedNode, size: number): DrawnSpike | undefined {
    const shape = numbersOf(node, 'spike_shape');
    return shape && new DrawnSpike(shape.data, size);
  }

  /** Takes up that neuron `index` spikes in this step. */
  begin(index: number): void {
    this.#age[index] = 0;
  }

  /** Draws into the membranes at the end of this step. */
  draw(membranes: number[]): void {
    for (let i = 0; i < membranes.length; i++) {
      if (this.#age[i]! < this.#shape.length) membranes[i] = this.#shape[this.#age[i]!++]!;
    }
  }
}
