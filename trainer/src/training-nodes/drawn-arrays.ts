import { elementCount, RandomGenerator } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';
import type { PlacedNode } from '../lowering/placed.ts';

/** The arrays that generators change, for each sample of a batch. */
export class DrawnArrays {
  /** By the names under which the program is given them: [batch, …]. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
  readonly #nodes: readonly PlacedNode[];

  constructor(nodes: readonly PlacedNode[], batch: number) {
    this.#nodes = nodes;
    const drawn = nodes.flatMap(({ name, arrays }) =>
      Object.entries(arrays).flatMap(([key, { shape, changedBy }]) =>
        changedBy === 'generator' ? [[`${name}.${key}`, new Float32Array(batch * elementCount(shape))] as const] : [],
      ),
    );
    this.arrays = Object.fromEntries(drawn);
  }

  /** Those of one of `count` equal parts of the batch. */
  partOf(part: number, count: number): NumberArrays {
    const arrays = Object.entries(this.arrays);
    return Object.fromEntries(
      arrays.map(([name, array]) => {
        const size = array.length / count;
        return [name, array.subarray(part * size, (part + 1) * size)];
      }),
    );
  }

  /** Draws those of a step of training: the same ones for the same seed and step. */
  draw(seed: number, step: number): void {
    for (const { name, node } of this.#nodes) {
      node.draw?.((key) => this.arrays[`${name}.${key}`]!, new RandomGenerator(seed, `${name} of step ${step}`));
    }
  }
}
