import { kept, real } from '../../kept-numbers.ts';
import type { Readout, ReadoutKind } from './readout.ts';

/** Lessons over which a prototype is a mean in the long run. */
const MOST_LESSONS = 50;

/**
 * Nearest class mean: one prototype per class, the mean of its samples (over the last 50 in the long run), so that a
 * class is known from its first lesson. Scores are 1 − d_c/d̄, d_c the mean squared distance per number, d̄ the mean
 * over the classes: about 1 for one that is hit, 0 for one that is as far away as others are.
 */
export function prototypeReadout(inputs: number, mostClasses: number): Readout {
  /** Rows of a class each: lessons at index 0, then the mean. */
  const weights = new Float32Array(inputs * mostClasses);
  const distances = new Float64Array(mostClasses);

  function measure(rows: Float32Array, x: Float64Array, classes: number): number {
    let [total, known] = [0, 0];
    for (let c = 0; c < classes; c++) {
      const row = c * inputs;
      let sum = 0;
      for (let i = 1; i < inputs; i++) sum += (x[i]! - rows[row + i]!) ** 2;
      distances[c] = sum / (inputs - 1);
      if (rows[row]! > 0) {
        total += distances[c]!;
        known++;
      }
    }
    return known === 0 ? 0 : total / known;
  }

  return {
    weights,
    state: { weights: kept(weights, real()) },
    linear: false,
    score(rows, x, classes, scores) {
      const mean = measure(rows, x, classes);
      for (let c = 0; c < classes; c++) {
        scores[c] = rows[c * inputs]! > 0 && mean > 0 ? 1 - distances[c]! / mean : 0;
      }
    },
    learn(x, _scores, { label, weight }) {
      const row = label * inputs;
      const n = Math.min(MOST_LESSONS, weights[row]! + weight);
      weights[row] = n;
      for (let i = 1; i < inputs; i++) weights[row + i]! += Math.min(1, weight / n) * (x[i]! - weights[row + i]!);
    },
    strangeness(x) {
      measure(weights, x, mostClasses);
      let least = Number.POSITIVE_INFINITY;
      for (let c = 0; c < mostClasses; c++) if (weights[c * inputs]! > 0) least = Math.min(least, distances[c]!);
      return least === Number.POSITIVE_INFINITY ? 1 : least;
    },
    settle() {},
    weighAtMost(samples) {
      for (let row = 0; row < weights.length; row += inputs) weights[row] = Math.min(samples, weights[row]!);
    },
    rescale(slope, shift, base) {
      for (const rows of [weights, base]) moveMeans(rows, inputs, slope, shift);
    },
    begin() {
      weights.fill(0);
    },
  };
}

/** Of rows [samples, means], those that have samples. */
function moveMeans(rows: Float32Array, inputs: number, slope: Float64Array, shift: Float64Array): void {
  for (let row = 0; row < rows.length; row += inputs) {
    if (rows[row] === 0) continue;
    for (let i = 1; i < inputs; i++) rows[row + i] = slope[i]! * rows[row + i]! + shift[i]!;
  }
}

/** The same as a kind. */
export const prototypes: ReadoutKind = {
  open: prototypeReadout,
  cost: (inputs, mostClasses, classes) => ({
    learnedBytes: 4 * inputs * mostClasses,
    workingBytes: 8 * mostClasses,
    scoreWork: (inputs - 1) * classes,
    lessonWork: inputs - 1,
    // Of all classes that there is room for.
    strangenessWork: (inputs - 1) * mostClasses,
  }),
};
