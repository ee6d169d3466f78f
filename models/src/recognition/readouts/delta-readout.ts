import { kept, real } from '../../kept-numbers.ts';
import { linearScores, type Readout, type ReadoutKind, rescaleRows } from './readout.ts';

/** Share of an error that a lesson corrects at once. */
const SHARE = 0.5;

/**
 * Delta rule (Widrow and Hoff 1960), normalised: w_c ← w_c + ½·x·(target_c − score_c)/(1 + xᵀx). It is PES (MacNeil and
 * Eliasmith 2011) once per sample, on counts. A base weighs nothing: each lesson moves what it says by half its error.
 */
export function deltaReadout(inputs: number, mostClasses: number): Readout {
  const weights = new Float32Array(inputs * mostClasses);
  return {
    weights,
    state: { weights: kept(weights, real()) },
    linear: true,
    score: linearScores,
    learn(x, scores, { label, classes, weight }) {
      let square = 1;
      for (let i = 0; i < inputs; i++) square += x[i]! * x[i]!;
      for (let c = 0; c < classes; c++) {
        const step = (Math.min(1, SHARE * weight) * ((c === label ? 1 : 0) - scores[c]!)) / square;
        for (let i = 0; i < inputs; i++) weights[c * inputs + i]! += step * x[i]!;
      }
    },
    strangeness: () => 1,
    settle() {},
    weighAtMost() {},
    rescale(slope, shift, base) {
      for (const rows of [weights, base]) rescaleRows(rows, inputs, slope, shift);
    },
    rebase(learned, former) {
      for (let k = 0; k < weights.length; k++) weights[k]! += learned.weights[k]! - former.weights[k]!;
      return undefined;
    },
    begin() {
      weights.fill(0);
    },
  };
}

/** The same as a kind. */
export const delta: ReadoutKind = {
  open: deltaReadout,
  cost: (inputs, mostClasses, classes) => ({
    learnedBytes: 4 * inputs * mostClasses,
    workingBytes: 0,
    scoreWork: inputs * classes,
    lessonWork: inputs + inputs * classes,
    strangenessWork: 0,
  }),
};
