import type { StreamDetector } from './detector.ts';
import { MovingWindow } from './moving-window.ts';

export interface MovingZScoreOptions {
  readonly channels: number;
  /** Deviations from the moving mean beyond which a reading is flagged. */
  readonly sigmas: number;
  /** Readings in the window. Default 60. */
  readonly window?: number;
}

/** The least deviation, relative to the mean's magnitude: a sensor that repeats one number is not infinitely sure. */
const LEAST_DEVIATION = 1e-4;

/** The classic: a reading more than `sigmas` deviations from the mean of the last `window` readings, in any channel. */
export function movingZScore({ channels, sigmas, window = 60 }: MovingZScoreOptions): StreamDetector {
  const windows = Array.from({ length: channels }, () => new MovingWindow(window));
  return {
    name: `moving z-score ${sigmas}σ`,
    observe(values) {
      const ready = windows.every(({ full }) => full);
      const expected = ready ? Float64Array.from(windows, ({ mean }) => mean) : undefined;
      const score = ready ? Math.max(...windows.map((past, channel) => zScore(past, values[channel]!))) : Number.NaN;
      for (const [channel, past] of windows.entries()) past.add(values[channel]!);
      return { score, anomaly: score > sigmas, expected };
    },
  };
}

function zScore({ mean, deviation }: MovingWindow, value: number): number {
  return Math.abs(value - mean) / Math.max(deviation, LEAST_DEVIATION * Math.max(1, Math.abs(mean)));
}
