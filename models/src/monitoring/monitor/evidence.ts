import { held } from '../../held.ts';

/** In the place of a number that is not flagged. */
export const NOTHING = -Number.MAX_VALUE;

/** Evidence of a number that may be too low or too high: its negative and itself, or nothing. */
export function markEnds(evidence: Float64Array, k: number, number: number, isFlagged: boolean): void {
  evidence[2 * k] = isFlagged ? held(-number) : NOTHING;
  evidence[2 * k + 1] = isFlagged ? held(number) : NOTHING;
}

/** Between which ends the k-th number was flagged; undefined where it was not. */
export function endsOf(evidence: Float64Array, k: number): readonly [number, number] | undefined {
  const high = evidence[2 * k + 1]!;
  return high === NOTHING ? undefined : [-evidence[2 * k]!, high];
}
