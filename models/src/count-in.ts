/** A count that a state keeps. A state may come from outside, so it is 0 where that is no whole number from 0 on. */
export function countIn(state: Float64Array, index = 0): number {
  const count = state[index]!;
  return Number.isSafeInteger(count) && count >= 0 ? count : 0;
}
