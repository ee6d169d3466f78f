import type { FeatureStage } from '@spikewire/models';
import { rounded } from './standard.ts';

/** Windows of recordings, each the samples of the first channel and then those of the next. */
export interface Windows {
  readonly readings: readonly ArrayLike<number>[];
  readonly channels: number;
}

/**
 * Stages that hand a window on as it is, but that samples of each channel are standardised by all of its samples here:
 * what is slow and large in one channel does not hide what is fast and small in another.
 */
export function signalStages({ readings, channels }: Windows): FeatureStage[] {
  const length = readings[0]!.length / channels;
  const standards = Array.from({ length: channels }, (_, channel) => standardOfChannel(readings, channel, length));
  const parameters = {
    mean: standards.map(({ mean }) => rounded(mean)),
    // What never varies says nothing; its deviation has to be above 0.
    deviation: standards.map(({ deviation }) => rounded(deviation) || 1),
  };
  return [
    { type: 'block', parameters: { length } },
    { type: 'standardise', parameters },
    { type: 'window', parameters: { length } },
  ];
}

function standardOfChannel(readings: Windows['readings'], channel: number, length: number) {
  let [count, mean, squares] = [0, 0, 0];
  for (const reading of readings) {
    for (let k = channel * length; k < (channel + 1) * length; k++) {
      const change = reading[k]! - mean;
      mean += change / ++count;
      squares += change * (reading[k]! - mean);
    }
  }
  return { mean, deviation: Math.sqrt(squares / count) };
}
