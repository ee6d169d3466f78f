import { elementCount, RandomGenerator } from '@spikewire/models';
import type { LabelledSamples } from 'spikewire/data';
import { type ChannelRanges, writeUnit } from '../encoding/channel-ranges.ts';
import type { InputCode } from '../encoding/input-code.ts';
import type { NetworkPlan } from '../network/network.ts';

/** Arrays of one batch, filled anew for each. */
export class BatchBuffer {
  readonly size: number;
  readonly input: Float32Array;
  /** One-hot, [batch, classes]. */
  readonly targets: Float32Array;
  readonly #encoder: InputCode;
  readonly #steps: number;
  readonly #ranges: ChannelRanges;
  readonly #unit: Float32Array;

  constructor({ layers, encoder, steps }: NetworkPlan, ranges: ChannelRanges, size: number, classes: number) {
    const elements = elementCount(layers[0]!.inputShape);
    this.size = size;
    this.input = new Float32Array((encoder.held ? 1 : steps) * size * elements);
    this.targets = new Float32Array(size * classes);
    this.#encoder = encoder;
    this.#steps = steps;
    this.#ranges = ranges;
    this.#unit = new Float32Array(elements);
  }

  /** Writes the samples at `places` into the rows; rows beyond them keep what they had. */
  fill({ samples, labels }: LabelledSamples, places: ArrayLike<number>, random: RandomGenerator): void {
    const classes = this.targets.length / this.size;
    this.targets.fill(0);
    for (let row = 0; row < places.length; row++) {
      writeUnit(samples[places[row]!]!, this.#ranges, this.#unit);
      this.#encoder.write(this.#unit, this.input, { row, batch: this.size, steps: this.#steps, random });
      this.targets[row * classes + labels[places[row]!]!] = 1;
    }
  }
}

/** The order of an epoch's samples, a shuffle (Fisher and Yates) that only seed and epoch decide: a resumed epoch has the same. */
export function orderOf(count: number, seed: number, epoch: number): Uint32Array {
  const random = new RandomGenerator(seed, `order of epoch ${epoch}`);
  const order = Uint32Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const other = random.nextInteger(last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
