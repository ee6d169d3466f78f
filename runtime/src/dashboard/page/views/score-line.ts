import type { Value } from '../../wire.ts';

/** Places of the line from left to right. */
const PLACES = 60;

/**
 * Points of a polyline in a square of 100: the highest score of each place against the limit, which lies in the middle;
 * twice the limit is at the top. Scores that do not exist leave no place.
 */
export function scoreLine(scores: readonly Value[], limit: number): string {
  const each = Math.max(1, Math.ceil(scores.length / PLACES));
  const points: string[] = [];
  for (let from = 0; from < scores.length; from += each) {
    const known = scores.slice(from, from + each).filter((score) => score !== null);
    if (known.length === 0) continue;
    const share = Math.max(0, Math.min(2, Math.max(...known) / limit));
    points.push(`${Math.round((100 * from) / Math.max(1, scores.length - each))},${Math.round(100 - 50 * share)}`);
  }
  return points.join(' ');
}
