import type { CodingDeclaration, RandomGenerator } from '@spikewire/models';
import type { ChannelRanges } from './channel-ranges.ts';

/** How samples enter the net under training; the encoder that the model declares does the same on the device. */
export interface InputCode {
  readonly name: string;
  /** Whether a sample's current is the same in every step. */
  readonly held: boolean;
  /** The model's encoder. */
  encoder(ranges: ChannelRanges): CodingDeclaration;
  /**
   * Writes the input of sample `row` of a batch: its elements into `target` [batch, elements] or, over time,
   * [steps·batch, elements]. `unit` is the sample on [0, 1].
   */
  write(unit: Float32Array, target: Float32Array, site: BatchSite): void;
}

export interface BatchSite {
  readonly row: number;
  readonly batch: number;
  readonly steps: number;
  readonly random: RandomGenerator;
}
