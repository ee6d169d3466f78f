import { RandomGenerator, shuffled } from '@spikewire/models';

/** How often the files are halved. */
const SPLITS = 200;

/** What a setting that was chosen on one half of the files is worth on the other. */
export interface HeldOut {
  readonly mean: number;
  /** Standard deviation over the splits: not an error of the mean, since splits share files. */
  readonly deviation: number;
  /** The figure of the one setting that is best on all files: for comparison, not to be claimed. */
  readonly inSample: number;
  /** What else was asked for, on the other halves. */
  readonly beside: readonly number[];
}

/**
 * Chooses among `settings` the one with the highest figure on one half of the files and scores it on the other, over
 * 200 random halvings. The halvings depend on the number of files alone, so that detectors are compared on the same.
 *
 * @param figure of a setting on some files
 * @param beside further figures of it
 */
export function heldOut(
  files: number,
  settings: number,
  figure: (setting: number, files: readonly number[]) => number,
  beside: readonly ((setting: number, files: readonly number[]) => number)[] = [],
): HeldOut {
  const random = new RandomGenerator(files, 'halves');
  const all = Array.from({ length: files }, (_, file) => file);
  const found: number[] = [];
  const others = beside.map(() => 0);
  for (let split = 0; split < SPLITS; split++) {
    const order = shuffled(all, random);
    const [half, other] = [order.slice(0, files >> 1), order.slice(files >> 1)];
    const chosen = best(settings, (setting) => figure(setting, half));
    found.push(figure(chosen, other));
    for (const [k, each] of beside.entries()) others[k]! += each(chosen, other) / SPLITS;
  }
  const mean = found.reduce((sum, value) => sum + value, 0) / SPLITS;
  const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SPLITS;
  const setting = best(settings, (each) => figure(each, all));
  return { mean, deviation: Math.sqrt(variance), inSample: figure(setting, all), beside: others };
}

function best(settings: number, figure: (setting: number) => number): number {
  let [chosen, highest] = [0, Number.NEGATIVE_INFINITY];
  for (let setting = 0; setting < settings; setting++) {
    const value = figure(setting);
    if (value > highest) [chosen, highest] = [setting, value];
  }
  return chosen;
}
