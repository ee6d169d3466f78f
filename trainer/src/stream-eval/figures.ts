/** Share of the answers that are right; samples of class −1 do not count. NaN where there is none. */
export function accuracyOf(answers: ArrayLike<number>, truth: ArrayLike<number>): number {
  let [right, all] = [0, 0];
  for (let n = 0; n < truth.length; n++) {
    if (truth[n]! < 0) continue;
    all++;
    if (answers[n] === truth[n]) right++;
  }
  return right / all;
}

/**
 * Mean over the classes of 2·right / (answered + true), the classes that have `least` samples or more. Samples of class
 * −1 do not count. NaN where there is none.
 */
export function macroF1(
  answers: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: readonly number[],
  least: number,
): number {
  const scores: number[] = [];
  for (const k of classes) {
    let [right, answered, real] = [0, 0, 0];
    for (let n = 0; n < truth.length; n++) {
      if (truth[n]! < 0) continue;
      if (answers[n] === k) answered++;
      if (truth[n] !== k) continue;
      real++;
      if (answers[n] === k) right++;
    }
    if (real >= least) scores.push((2 * right) / (answered + real));
  }
  return meanOf(scores);
}

const BINS = 15;

/**
 * Expected calibration error over 15 bins of confidence: Σ |share right − mean confidence|, weighed (Guo et al. 2017).
 */
export function calibrationError(confidence: ArrayLike<number>, right: ArrayLike<number | boolean>): number {
  const sums = new Float64Array(BINS);
  for (let n = 0; n < confidence.length; n++) {
    const bin = Math.min(BINS - 1, Math.floor(confidence[n]! * BINS));
    sums[bin]! += Number(right[n]) - confidence[n]!;
  }
  return sums.reduce((sum, difference) => sum + Math.abs(difference), 0) / confidence.length;
}

/**
 * Area under the receiver's curve: the chance that one of `above` has a larger score than one of `below`, ties as half.
 * NaN where either is empty.
 */
export function areaUnderCurve(above: readonly number[], below: readonly number[]): number {
  const scores = [...above.map((score) => [score, 1] as const), ...below.map((score) => [score, 0] as const)];
  scores.sort(([a], [b]) => a - b);
  let ranks = 0;
  for (let from = 0; from < scores.length; ) {
    let to = from;
    while (to < scores.length && scores[to]![0] === scores[from]![0]) to++;
    for (let n = from; n < to; n++) if (scores[n]![1] === 1) ranks += (from + to + 1) / 2;
    from = to;
  }
  return (ranks - (above.length * (above.length + 1)) / 2) / (above.length * below.length);
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
