import type { EventList } from 'spikewire';

/** Graded events of a window, as many as there are: what an Output emits that is not 0. */
export class OutputEvents {
  readonly #columns = { step: [] as number[], node: [] as number[], index: [] as number[], value: [] as number[] };

  put(step: number, node: number, values: Float64Array): void {
    const { step: steps, node: nodes, index: indices, value: numbers } = this.#columns;
    for (let index = 0; index < values.length; index++) {
      if (values[index] === 0) continue;
      steps.push(step);
      nodes.push(node);
      indices.push(index);
      numbers.push(values[index]!);
    }
  }

  toList(): EventList {
    const { step, node, index, value } = this.#columns;
    return {
      step: Int32Array.from(step),
      node: Int32Array.from(node),
      index: Int32Array.from(index),
      value: Float64Array.from(value),
    };
  }
}
