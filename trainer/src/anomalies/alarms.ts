/**
 * Places of the alarms: scores at or above the threshold, but none within `refractory` readings after the last alarm.
 */
export function alarmsOf(scores: ArrayLike<number>, threshold: number, refractory: number): number[] {
  const alarms: number[] = [];
  for (let at = 0; at < scores.length; at++) {
    if (scores[at]! >= threshold && at - (alarms.at(-1) ?? Number.NEGATIVE_INFINITY) > refractory) alarms.push(at);
  }
  return alarms;
}

/** Thresholds to choose from: quantiles of all scores that count, the more extreme the closer together. */
export function thresholdsOf(scores: readonly Float64Array[], count = 50): number[] {
  const length = scores.reduce((sum, each) => sum + each.length, 0);
  const sorted = new Float64Array(length);
  let filled = 0;
  for (const each of scores) {
    sorted.set(each, filled);
    filled += each.length;
  }
  sorted.sort();
  const chosen = Array.from({ length: count }, (_, k) => {
    const share = 1 - 10 ** (-1 - (4 * k) / (count - 1));
    return sorted[Math.floor(share * (length - 1))]!;
  });
  return [...new Set(chosen)];
}
