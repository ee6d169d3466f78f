/**
 * Intersection over union of what is answered and what is wanted: pixels with answers above 0, and those with targets
 * above ½. 1 where there are neither.
 */
export function overlapOf(answers: ArrayLike<number>, targets: ArrayLike<number>): number {
  let [both, either] = [0, 0];
  for (let pixel = 0; pixel < answers.length; pixel++) {
    const [isAnswered, isWanted] = [answers[pixel]! > 0, targets[pixel]! > 0.5];
    if (isAnswered && isWanted) both++;
    if (isAnswered || isWanted) either++;
  }
  return either === 0 ? 1 : both / either;
}
