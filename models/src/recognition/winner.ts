/** Index of the largest value; of equal ones the lowest. */
export function winnerOf(values: ArrayLike<number>): number {
  let winner = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[winner]!) winner = i;
  return winner;
}
