import type { DataSet, LabelledSamples } from '@spikewire/engine/data';
import type { JsonValue } from '@spikewire/models';

/**
 * Where the channels of training samples lie, as encoders take it: [low, high] for all pixels of an image, otherwise
 * one per channel.
 */
export function rangesOf({ samples }: LabelledSamples, { shape }: Pick<DataSet, 'shape'>): JsonValue {
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
  if (shape !== undefined)
    return widened(
      low.reduce((a, b) => Math.min(a, b)),
      high.reduce((a, b) => Math.max(a, b)),
    );
  const ranges = Array.from(low, (lowest, channel) => widened(lowest, high[channel]!));
  return ranges.length === 1 ? ranges[0]! : ranges;
}

/** A channel that never moved gets a width, so that it has a place in it. */
function widened(low: number, high: number): [number, number] {
  return low < high ? [low, high] : [low, low + 1];
}

/** What brings the channels of a sample to [0, 1], for ranges as `rangesOf` gives them. */
export function unitOf(ranges: JsonValue): (sample: ArrayLike<number>) => Float64Array {
  const own = ranges as [number, number] | [number, number][];
  return (sample) =>
    Float64Array.from(sample, (value, channel) => {
      const [low, high] = (Array.isArray(own[0]) ? own[channel] : own) as [number, number];
      return (value - low) / (high - low);
    });
}
