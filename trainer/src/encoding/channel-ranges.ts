import type { JsonValue } from '@spikewire/models';
import type { DataSet, LabelledSamples } from 'spikewire/data';

/** Where the channels of samples lie: one [low, high] for all, or one per channel. */
export type ChannelRanges = readonly (readonly [number, number])[];

/** The ranges of the training samples: of an image one for all its pixels, otherwise one per channel. */
export function rangesOf({ samples }: LabelledSamples, { shape }: Pick<DataSet, 'shape'>): ChannelRanges {
  const channels = samples[0]!.length;
  const low = new Float64Array(channels).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY);
  for (const sample of samples) {
    for (let channel = 0; channel < channels; channel++) {
      const value = sample[channel]!;
      if (value < low[channel]!) low[channel] = value;
      if (value > high[channel]!) high[channel] = value;
    }
  }
  if (shape !== undefined) return [widened(Math.min(...low), Math.max(...high))];
  return Array.from(low, (lowest, channel) => widened(lowest, high[channel]!));
}

/** A channel that never moved gets a width, so that it has a place in it. */
function widened(low: number, high: number): [number, number] {
  return low < high ? [low, high] : [low, low + 1];
}

/** The form that encoders take: a pair for all, or a list of pairs. */
export function rangeParameter(ranges: ChannelRanges): JsonValue {
  return ranges.length === 1 ? ranges[0]! : ranges;
}

/** Writes a sample on [0, 1], clipped, as the encoders of models do. */
export function writeUnit(sample: ArrayLike<number>, ranges: ChannelRanges, target: Float32Array): void {
  for (let channel = 0; channel < target.length; channel++) {
    const [low, high] = ranges.length === 1 ? ranges[0]! : ranges[channel]!;
    target[channel] = Math.max(0, Math.min(1, (sample[channel]! - low) / (high - low)));
  }
}
