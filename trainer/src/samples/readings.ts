import type { LabelledSamples } from '@spikewire/engine/data';
import type { ReadingShape } from '@spikewire/models';
import type { RecordedSet } from 'spikewire/data';

/**
 * What recorded readings are like. Without names each number is a channel. Blocks are taken to follow without a gap.
 */
export function readingShapeOf({
  channels,
  samples,
  times,
}: RecordedSet): ReadingShape & { readonly channels: number } {
  const numbers = samples[0]?.length ?? 0;
  const isBlocks = channels.length > 0 && numbers % channels.length === 0;
  const count = isBlocks ? channels.length : numbers;
  const block = isBlocks ? numbers / count : 1;
  const gaps = Array.from(times.subarray(1), (time, k) => time - times[k]!).sort((a, b) => a - b);
  const gap = gaps[gaps.length >> 1] ?? 0;
  return { channels: count, block, ...(gap > 0 && { rate: (1000 * block) / gap }) };
}

export function readingsAt({ samples, labels }: LabelledSamples, indices: readonly number[]) {
  return { readings: indices.map((k) => samples[k]!), labels: indices.map((k) => labels[k]!) };
}
