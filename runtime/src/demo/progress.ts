import type { Score } from './scorecard.ts';

/** How far a replay is, and what has been flagged. Narrower than 80 columns: a terminal must not wrap what is to be written over. */
export function formatProgress(
  index: number,
  length: number,
  { found, events, falseEpisodes, flagged }: Score,
): string {
  const alarms = `${falseEpisodes} false alarm${falseEpisodes === 1 ? '' : 's'}`;
  const flags = `${found}/${events} events, ${alarms}, ${(100 * flagged).toFixed(2)} % flagged`;
  return `${progressBar(index, length)} readings: ${Number.isFinite(flagged) ? flags : 'warming up'}`;
}

export function progressBar(index: number, length: number): string {
  const share = Math.floor((12 * index) / length);
  return `${'█'.repeat(share)}${'░'.repeat(12 - share)} ${index}/${length}`;
}
