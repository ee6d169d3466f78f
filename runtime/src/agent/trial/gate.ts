import { evidenceOfNotWorse, evidenceOfWorse, type PairedCounts } from './paired-evidence.ts';

/** When a model on trial may answer, and when its trial ends. */
export interface GateRules {
  /** The trial ends where the new model loses more than this share of readings beyond those it gains… */
  readonly abortMargin: number;
  /** …with at least this e-value. */
  readonly abortEvidence: number;
  /** The new model may answer where it loses less than this share of readings beyond those it gains… */
  readonly goMargin: number;
  /** …with at least this e-value. */
  readonly goEvidence: number;
}

/**
 * A model that is 2 points worse passes in at most 5 % of trials, whatever the number of looks, and one that is worse
 * by half a point or less is ended in at most 1 %. That is guaranteed where the label of every reading that differs
 * comes; `gate.test.ts` simulates it with half of them.
 */
export const DEFAULT_GATE: GateRules = { abortMargin: 0.005, abortEvidence: 100, goMargin: 0.02, goEvidence: 20 };

export type GateDecision = 'go' | 'abort' | 'undecided';

/** Where a trial stands, for people and for its file. */
export interface GateState extends PairedCounts {
  /** Readings to which both models gave the same answer. */
  readonly agreed: number;
  /** Readings to which they gave different ones, */
  readonly differed: number;
  /** and those of them whose label is known. */
  readonly answered: number;
  /** What both bets began with: 1, or less where they had lost on a net that the present one replaces (`begunAnew`). */
  readonly worseBefore: number;
  readonly notWorseBefore: number;
}

export const NEW_GATE: GateState = {
  ...{ gained: 0, lost: 0, same: 0, agreed: 0, differed: 0, answered: 0 },
  ...{ worseBefore: 1, notWorseBefore: 1 },
};

/** A reading that both models have answered; `label` where the truth is known. */
export interface PairedAnswer {
  readonly old: string;
  readonly new: string;
  readonly label?: string;
}

/**
 * A trial after one more reading, or after the label of an earlier one (`isLater`). A reading to which
 * both answer the same tells nothing against either, whatever its label. Labels are wanted where they differ: if only
 * some of those come, as many of the readings that agreed count as belong to them, so that the counts stand for all
 * readings.
 */
export function take(state: GateState, { old, new: own, label }: PairedAnswer, isLater = false): GateState {
  const differs = old !== own;
  const isKnown = differs && label !== undefined;
  const next = {
    ...state,
    agreed: state.agreed + (differs || isLater ? 0 : 1),
    differed: state.differed + (differs && !isLater ? 1 : 0),
    answered: state.answered + (isKnown ? 1 : 0),
    gained: state.gained + (isKnown && own === label ? 1 : 0),
    lost: state.lost + (isKnown && old === label ? 1 : 0),
  };
  const share = next.differed === 0 ? 1 : next.answered / next.differed;
  return { ...next, same: next.answered - next.gained - next.lost + share * next.agreed };
}

/** The e-value against "the new model loses at most `abortMargin` more than it gains". */
export function worseEvidence(state: GateState, { abortMargin } = DEFAULT_GATE): number {
  return state.worseBefore * evidenceOfWorse(state, abortMargin);
}

/** The e-value against "the new model loses at least `goMargin` more than it gains". */
export function notWorseEvidence(state: GateState, { goMargin } = DEFAULT_GATE): number {
  return state.notWorseBefore * evidenceOfNotWorse(state, goMargin);
}

/**
 * The evidence about a net that takes the place of another one, without what that had learned. What spoke for the other
 * one is gone, and what spoke against it stays: bets that were stopped and begin anew with at most 1 win by chance no
 * more often than one that goes on, however often that happens (the wealth stays a supermartingale).
 */
export function begunAnew(state: GateState, rules = DEFAULT_GATE): GateState {
  return {
    ...NEW_GATE,
    worseBefore: Math.min(1, worseEvidence(state, rules)),
    notWorseBefore: Math.min(1, notWorseEvidence(state, rules)),
  };
}

/** What the evidence allows. */
export function decide(state: GateState, rules: GateRules = DEFAULT_GATE): GateDecision {
  if (worseEvidence(state, rules) >= rules.abortEvidence) return 'abort';
  return notWorseEvidence(state, rules) >= rules.goEvidence ? 'go' : 'undecided';
}
