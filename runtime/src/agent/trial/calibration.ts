import type { PairedAnswer } from './gate.ts';
import { meanBet } from './paired-evidence.ts';

/** How sure two models were of their answers to a reading, as probabilities. */
export interface PairedConfidence {
  readonly old: number;
  readonly new: number;
}

/**
 * How well two models have known when they are right. The Brier loss of an answer is (confidence − r)², r = 1 where a
 * label says that it is right, else 0 (Brier 1950); it is least in mean where the confidence is the truth.
 */
export interface CalibrationState {
  /** Labelled answers for which both models had stated their confidence. */
  readonly rated: number;
  /** Sums of their losses. */
  readonly oldLoss: number;
  readonly newLoss: number;
  /** Sum of the squares of (loss of the new − loss of the old). */
  readonly squares: number;
}

export const NEW_CALIBRATION: CalibrationState = { rated: 0, oldLoss: 0, newLoss: 0, squares: 0 };

/**
 * A loss larger by no more than this, in mean, does not count: a model with 2 points less of right answers, which
 * counts as not worse, loses about that much more by them alone.
 */
export const CALIBRATION_MARGIN = 0.02;
/** E-value from which the confidence of a model counts as worse: by chance that ever happens with probability 1/20. */
export const CALIBRATION_EVIDENCE = 20;

/** The state after one more label. */
export function rate(
  { rated, oldLoss, newLoss, squares }: CalibrationState,
  { old, new: own, label }: PairedAnswer,
  confidence: PairedConfidence,
): CalibrationState {
  const lossOf = (answer: string, sure: number) => (sure - (answer === label ? 1 : 0)) ** 2;
  const [before, now] = [lossOf(old, confidence.old), lossOf(own, confidence.new)];
  return {
    rated: rated + 1,
    oldLoss: oldLoss + before,
    newLoss: newLoss + now,
    squares: squares + (now - before) ** 2,
  };
}

/**
 * The e-value against "the mean loss of the new model is larger by at most `margin`", as in `paired-evidence.ts` but of
 * numbers y = (d − margin)/(1 + margin) between −1 and 1. Each factor 1 + λy is replaced by its lower bound
 * exp(λy + y²(ln(1 − λ) + λ)) (Fan, Grama and Liu 2015, "Exponential inequalities for martingales with applications",
 * lemma 4.1), so that sums tell all that is needed.
 */
export function evidenceOfWorseConfidence(state: CalibrationState, margin = CALIBRATION_MARGIN): number {
  const { rated, oldLoss, newLoss, squares } = state;
  const difference = newLoss - oldLoss;
  const sum = (difference - rated * margin) / (1 + margin);
  const squared = (squares - 2 * margin * difference + rated * margin ** 2) / (1 + margin) ** 2;
  return meanBet((stake) => stake * sum + squared * (Math.log1p(-stake) + stake));
}
