import type { Value } from '../../wire.ts';

/** Answers whose truth is known that a share is of, the newest ones. */
export const NEWEST = 60;
/** Of fewer a share would say little. */
const FEW = 10;

/**
 * The share of answers that were right, in percent: at each reading, of the newest {@link NEWEST} up to it whose truth
 * is known; null where these are few. What was not answered, or not yet, does not count.
 */
export function rightCourse(answers: readonly (string | null)[], truth: readonly (string | null)[]): Value[] {
  const known: boolean[] = [];
  let right = 0;
  return truth.map((was, k) => {
    if (was !== null && answers[k] !== null) {
      known.push(answers[k] === was);
      if (answers[k] === was) right++;
      if (known.length > NEWEST && known[known.length - NEWEST - 1]) right--;
    }
    const counted = Math.min(NEWEST, known.length);
    return counted < FEW || answers[k] === null ? null : (100 * right) / counted;
  });
}
