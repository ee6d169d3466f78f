import { SHOWN_CHANNELS, SHOWN_SIGNAL } from './source.ts';

/** The value of each channel: its number, or, where a reading has many of each, their standard deviation. */
export function deviationOf(reading: Float64Array, channels: number): number[] {
  if (reading.length === channels) return Array.from(reading);
  return partsOf(reading, channels).map((numbers) => {
    const mean = numbers.reduce((sum, value) => sum + value / numbers.length, 0);
    return Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2 / numbers.length, 0));
  });
}

/** What a viewer sees of a reading with many numbers of each channel; undefined of one with a number of each. */
export function firstNumbers(reading: Float64Array, channels: number): number[][] | undefined {
  if (channels === 0 || reading.length === channels) return undefined;
  const most = Math.floor(SHOWN_SIGNAL / Math.min(channels, SHOWN_CHANNELS));
  return partsOf(reading, channels)
    .slice(0, SHOWN_CHANNELS)
    .map((numbers) => Array.from(numbers.subarray(0, most)));
}

/** The numbers of one channel stand one behind the other. */
function partsOf(reading: Float64Array, channels: number): Float64Array[] {
  const length = reading.length / Math.max(1, channels);
  return Array.from({ length: channels }, (_, channel) => reading.subarray(channel * length, (channel + 1) * length));
}
