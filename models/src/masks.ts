/** Whether numbers are masks: for each pixel 1 within and 0 elsewhere. */
export function areMasks(targets: readonly ArrayLike<number>[]): boolean {
  return targets.every((target) => Array.prototype.every.call(target, (value: number) => value === 0 || value === 1));
}

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
