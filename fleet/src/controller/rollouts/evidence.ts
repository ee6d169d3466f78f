import { type GateRules, meanBet } from 'spikewire/agent';

/** What one machine has reported of a new base beside its present one. */
export interface MachineCounts {
  /** Readings to which both bases gave an answer; of these, those with different answers; of these, those labelled. */
  readonly compared: number;
  readonly differed: number;
  readonly labelled: number;
  /** Labels by which only the new base was right, or only the present one. */
  readonly gained: number;
  readonly lost: number;
}

/** E-values about the share of answers that the new base loses, beyond those that it gains: the mean over machines. */
export interface Evidence {
  /** Against "it loses at most `abortMargin`". */
  readonly worse: number;
  /** Against "it loses at least `goMargin`". */
  readonly notWorse: number;
}

/**
 * Stakes of the bets. They are in answers of a machine, so a stake is the larger the fewer answers differ: a rare
 * difference is worth little, and a bet may risk no more than it has.
 */
const STAKES = [0.1, 0.3, 1, 2, 4, 8, 16];
/** The share of answers that differ is unknown before. */
const LEAST_COMPARED = 50;
/** A machine with many more labels than others would decide alone: those beyond so many times the median count less. */
const MOST_LABELS = 2;

/** Whether a machine's labels count. */
export function isJudging({ compared, labelled }: MachineCounts): boolean {
  return labelled > 0 && compared >= LEAST_COMPARED;
}

/**
 * The evidence of all machines together. A label says whether the new base loses (1), gains (−1) or neither (0) where
 * both differ, and that happens in a share p of the answers of its machine: so the label times p is an unbiased estimate
 * of what the machine loses in each answer, whether its bases differ often or rarely. Each label is a bet on it, as in
 * `evidenceOfWorse` for one device. A sum of all labels would hide a base that is ruined on a few machines, where both
 * differ often and a label is worth more.
 *
 * An e-value is by chance ever ≥ 1/α with probability ≤ α where the labels are those of machines that were drawn at
 * random. A stake that could lose more than all, since the bases differ often on some machine, counts as lost.
 */
export function evidenceOf(
  machines: readonly MachineCounts[],
  { abortMargin, goMargin }: Pick<GateRules, 'abortMargin' | 'goMargin'>,
): Evidence {
  const judging = machines.filter(isJudging);
  return { worse: mixture(judging, abortMargin, 1), notWorse: mixture(judging, goMargin, -1) };
}

function mixture(judging: readonly MachineCounts[], margin: number, side: 1 | -1): number {
  const most = MOST_LABELS * medianOf(judging.map(({ labelled }) => labelled));
  const weightOf = ({ labelled }: MachineCounts) => Math.min(1, most / labelled);
  return meanBet(
    (stake) => judging.reduce((sum, each) => sum + weightOf(each) * logarithmOf(each, stake, margin, side), 0),
    STAKES,
  );
}

/** A mean would follow a machine that claims to have had millions of labels. */
function medianOf(counts: number[]): number {
  return counts.sort((a, b) => a - b)[counts.length >> 1] ?? 0;
}

/** Of what a bet has made of 1 by the labels of a machine. A weight ≤ 1 is a root, which is no larger in mean. */
function logarithmOf(
  { compared, differed, labelled, gained, lost }: MachineCounts,
  stake: number,
  margin: number,
  side: 1 | -1,
): number {
  const share = differed / compared;
  if (stake * (share + margin) >= 1) return Number.NEGATIVE_INFINITY;
  return (
    lost * Math.log1p(stake * side * (share - margin)) +
    gained * Math.log1p(stake * side * (-share - margin)) +
    (labelled - gained - lost) * Math.log1p(stake * side * -margin)
  );
}
