import { type GateRules, meanBet } from 'spikewire/agent';

/** What one device has reported of a new base beside its present one: the sums over its machines. */
export interface DeviceCounts {
  /** Readings to which both bases gave an answer; of these, those with different answers; of these, those labelled. */
  readonly compared: number;
  readonly differed: number;
  readonly labelled: number;
  /** Labels by which only the new base was right, or only the present one. */
  readonly gained: number;
  readonly lost: number;
}

/** E-values about the share of answers that the new base loses, beyond those that it gains: the mean over devices. */
export interface Evidence {
  /** Against "it loses at most `abortMargin`". */
  readonly worse: number;
  /** Against "it loses at least `goMargin`". */
  readonly notWorse: number;
}

/**
 * Stakes of the bets. They are in answers of a device, so a stake is the larger the fewer answers differ: a rare
 * difference is worth little, and a bet may risk no more than it has.
 */
const STAKES = [0.1, 0.3, 1, 2, 4, 8, 16];
/** The share of answers that differ is unknown before. */
const LEAST_COMPARED = 50;
/** A device with many more labels than others would decide alone: those beyond so many times the median count less. */
const MOST_LABELS = 2;
/** Of so many devices, the one that speaks loudest for a statement is not heard: it may be wrong, or lie. */
const DEVICES_OF_A_LOUDEST = 50;

/** Whether a device's labels count. */
export function isJudging({ compared, labelled }: DeviceCounts): boolean {
  return labelled > 0 && compared >= LEAST_COMPARED;
}

/**
 * The evidence of all devices together. A label says whether the new base loses (1), gains (−1) or neither (0) where
 * both differ, and that happens in a share p of the answers of its device: so the label times p is an unbiased estimate
 * of what the device loses in each answer, whether its bases differ often or rarely. Each label is a bet on it, as in
 * `evidenceOfWorse` for one device. A sum of all labels would hide a base that is ruined on a few devices, where both
 * differ often and a label is worth more.
 *
 * An e-value is by chance ever ≥ 1/α with probability ≤ α where the labels are those of devices that were drawn at
 * random. A stake that could lose more than all, since the bases differ often on some device, counts as lost. To leave
 * out a bet that has won makes the evidence less.
 */
export function evidenceOf(
  devices: readonly DeviceCounts[],
  { abortMargin, goMargin }: Pick<GateRules, 'abortMargin' | 'goMargin'>,
): Evidence {
  const judging = devices.filter(isJudging);
  return { worse: mixture(judging, abortMargin, 1), notWorse: mixture(judging, goMargin, -1) };
}

function mixture(judging: readonly DeviceCounts[], margin: number, side: 1 | -1): number {
  const most = MOST_LABELS * medianOf(judging.map(({ labelled }) => labelled));
  const weightOf = ({ labelled }: DeviceCounts) => Math.min(1, most / labelled);
  const unheard = Math.floor(judging.length / DEVICES_OF_A_LOUDEST);
  return meanBet((stake) => {
    const bets = judging.map((each) => weightOf(each) * logarithmOf(each, stake, margin, side));
    return sumOf(bets) - sumOf(largestOf(bets, unheard).map((bet) => Math.max(0, bet)));
  }, STAKES);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function largestOf(values: readonly number[], count: number): readonly number[] {
  return count === 0 ? [] : values.toSorted((a, b) => b - a).slice(0, count);
}

/** A mean would follow a device that claims to have had millions of labels. */
function medianOf(counts: number[]): number {
  return counts.sort((a, b) => a - b)[counts.length >> 1] ?? 0;
}

/** Of what a bet has made of 1 by the labels of a device. A weight ≤ 1 is a root, which is no larger in mean. */
function logarithmOf(
  { compared, differed, labelled, gained, lost }: DeviceCounts,
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
