import { shortNumber } from '@spikewire/models';
import type { SensorFigures } from './sensor-stream.ts';

/** To the nanosecond: less is the rounding of times. */
const milliseconds = (time: number) => shortNumber(Math.round(1e6 * time) / 1e6);

const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** What has become of samples, in a line: only what has happened. */
export function describeFigures(figures: SensorFigures): string {
  const { address, samples, taken, rate, jitter } = figures;
  const counts = {
    'dropped because they were not read in time': figures.dropped,
    'left out, because they changed too little': figures.unchanged,
    'without a valid number': figures.nonFinite,
    duplicates: figures.duplicates,
    'with a time before the previous sample': figures.backwards,
    [`missing in ${figures.gaps} gaps`]: figures.missing,
    'times stuck': figures.stuck,
    'failed attempts to read': figures.problems,
    ...Object.fromEntries(Object.entries(figures.counted ?? {}).map(([name, count]) => [`(${words(name)})`, count])),
  };
  const told = Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`, ${count} ${what}`]));
  const pace = rate === null ? '' : `, ${shortNumber(rate)} per second with a jitter of ${milliseconds(jitter!)} ms`;
  return `sensor ${address}: ${samples} samples, ${taken} taken${told.join('')}${pace}`;
}
