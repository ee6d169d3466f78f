import type { LabelledSamples } from '@spikewire/engine/data';
import { RandomGenerator, shuffledIndices } from '@spikewire/models';
import type { Augment } from '../augmentations/augmentation.ts';
import type { NumberArrays } from '../backend/backend.ts';
import { BatchEncoding } from './encoding.ts';
import type { TrainingPlan } from './plan.ts';

/** Arrays of one batch, filled anew for each. */
export class BatchBuffer {
  readonly size: number;
  /** One-hot or the numbers of the samples, [batch, classes]. */
  readonly targets: Float32Array;
  readonly #encoding: BatchEncoding;
  readonly #classes: number;

  constructor({ model, graph, classes }: TrainingPlan, size: number) {
    this.size = size;
    this.targets = new Float32Array(size * classes);
    this.#encoding = new BatchEncoding(model, graph, size);
    this.#classes = classes;
  }

  /** By the names of the program's inputs. */
  get arrays(): NumberArrays {
    return { ...this.#encoding.arrays, targets: this.targets };
  }

  /** Has the inputs in a program's own arrays from now on, as far as there are any. */
  useRoom(room: NumberArrays): void {
    this.#encoding.useRoom(room);
  }

  /** Numbers of a sample. */
  get channels(): number {
    return this.#encoding.channels;
  }

  /** Writes the samples at `indices`, varied or not, into the first rows; the others are silent and of no class. */
  fill(
    { samples, labels, targets }: LabelledSamples,
    indices: ArrayLike<number>,
    random: RandomGenerator,
    augment: Augment = (sample) => sample,
  ): void {
    const chosen = Array.from(indices);
    const varied = chosen.map((index) => augment(samples[index]!, random));
    this.#encoding.write(varied, random);
    this.targets.fill(0);
    for (const [row, index] of chosen.entries()) {
      if (targets === undefined) this.targets[row * this.#classes + labels[index]!] = 1;
      else this.targets.set(targets[index]!, row * this.#classes);
    }
  }
}

/**
 * The order of an epoch's samples, a shuffle that only seed and epoch decide: a resumed epoch has the same.
 */
export function orderOf(count: number, seed: number, epoch: number): Uint32Array {
  return shuffledIndices(count, new RandomGenerator(seed, `order of epoch ${epoch}`));
}

/** The same for one epoch after the other, shuffled once for all its batches. */
export function ordersOf(count: number, seed: number): (epoch: number) => Uint32Array {
  let order: { readonly epoch: number; readonly indices: Uint32Array } | undefined;
  return (epoch) => {
    if (order?.epoch !== epoch) order = { epoch, indices: orderOf(count, seed, epoch) };
    return order.indices;
  };
}
