import { ChannelRange, type MonitorDeclaration, Watch } from '@spikewire/models';
import type { StreamDetector } from './detector.ts';
import { MovingWindow } from './moving-window.ts';

/** Expects the next reading of a stream from the past ones. */
export interface Forecast {
  readonly name: string;
  /** What it expects next; undefined while it has seen too little. */
  next(): Float64Array | undefined;
  add(values: ArrayLike<number>): void;
}

/** Tomorrow as today: the last reading. */
export function persistence(): Forecast {
  let last: Float64Array | undefined;
  return {
    name: 'last reading',
    next: () => last,
    add(values) {
      last = Float64Array.from(values);
    },
  };
}

/** The mean of the last `window` readings. */
export function movingAverage(channels: number, window = 10): Forecast {
  const windows = Array.from({ length: channels }, () => new MovingWindow(window));
  return {
    name: `moving average of ${window}`,
    next: () => (windows.every(({ full }) => full) ? Float64Array.from(windows, ({ mean }) => mean) : undefined),
    add(values) {
      for (const [channel, past] of windows.entries()) past.add(values[channel]!);
    },
  };
}

/**
 * Flags by the error of a forecast with the very monitor that a spiking net has: channels normalised by the range of
 * the first `rangeWarmUp` readings, the error's range learned. What differs is only who predicts.
 */
export function forecastDetector(
  forecast: Forecast,
  channels: number,
  rangeWarmUp: number,
  declaration: MonitorDeclaration,
): StreamDetector {
  const range = new ChannelRange(forecast.name, channels, { samples: rangeWarmUp, tail: 0.02, widen: 1.5 });
  const names = Array.from({ length: channels }, (_, channel) => `channel ${channel}`);
  const watch = new Watch(declaration, { channels: names, outputs: channels });
  const judge = (expected: Float64Array, reading: ArrayLike<number>) => {
    const values = Float64Array.from(reading);
    const halfWidths = range.high.map((high, channel) => high / 2 - range.low[channel]! / 2);
    const error = expected.map((value, channel) => (value - values[channel]!) / halfWidths[channel]!);
    const seen = {
      time: Number.NaN,
      interval: Number.NaN,
      values,
      sample: values,
      normalised: undefined,
      expected,
      error,
      halfWidths,
    };
    return watch.read(seen, true)!;
  };
  return {
    name: `${forecast.name}, learned range`,
    observe(values) {
      const expected = forecast.next();
      const ready = range.ready;
      range.take(values);
      const verdict = expected && ready ? judge(expected, values) : { score: Number.NaN, anomaly: false };
      forecast.add(values);
      return { score: verdict.score, anomaly: verdict.anomaly, expected };
    },
  };
}
