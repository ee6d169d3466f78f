import { SpikewireError } from '../../error.ts';

/** How frequencies are spaced. `mel`: 2595·log10(1 + f/700), equal steps of pitch (O'Shaughnessy 1987). */
export type Spacing = 'linear' | 'log' | 'mel';

const scales: Record<Spacing, { readonly to: (hertz: number) => number; readonly from: (value: number) => number }> = {
  linear: { to: (hertz) => hertz, from: (value) => value },
  log: { to: Math.log, from: Math.exp },
  mel: { to: (hertz) => 2595 * Math.log10(1 + hertz / 700), from: (value) => 700 * (10 ** (value / 2595) - 1) },
};

/**
 * `count` frequencies from `low` to `high`, both included, at equal steps of a scale. Throws `parameter` for 0 Hz on
 * the log scale.
 */
export function spacedFrequencies(
  where: string,
  spacing: Spacing,
  [low, high]: readonly [number, number],
  count: number,
): Float64Array {
  if (spacing === 'log' && low <= 0) {
    throw new SpikewireError('parameter', `${where}.low`, `is ${low}`, 'a number above 0, because spacing is "log"');
  }
  const { to, from } = scales[spacing];
  const [first, last] = [to(low), to(high)];
  const points = Float64Array.from({ length: count }, (_, k) => from(first + ((last - first) * k) / (count - 1)));
  // The ends as they were given, without the rounding of the way there and back.
  points[0] = low;
  points[count - 1] = high;
  return points;
}
