/** Stakes of the bets, between which the mixture need not choose beforehand. */
const STAKES = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7];

/** Readings to which the answers of two models were compared with the truth. */
export interface PairedCounts {
  /** Readings to which the old model was wrong and the new one right. */
  readonly gained: number;
  /** Readings to which the old model was right and the new one wrong. */
  readonly lost: number;
  /** Readings to which both were right or both wrong; ≥ 0, not always whole. */
  readonly same: number;
}

/**
 * The e-value against "the new model loses at most `margin` more answers than it gains, of all readings": how many
 * times its stake a bet would have won that it loses more. By chance it is ever ≥ 1/α with probability ≤ α, however
 * often one looks (Ville's inequality); so a test may look after each label and stop when it likes. The bet is a
 * mixture over fixed stakes λ of Π(1 + λ(d − margin)), d = 1 for a lost answer, −1 for a gained one, else 0
 * (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting", section 4).
 * @param margin share of readings, 0…1
 */
export function evidenceOfWorse(counts: PairedCounts, margin: number): number {
  return mixture(counts, margin, 1);
}

/** The e-value against "the new model loses at least `margin` more answers than it gains". */
export function evidenceOfNotWorse(counts: PairedCounts, margin: number): number {
  return mixture(counts, margin, -1);
}

function mixture({ gained, lost, same }: PairedCounts, margin: number, side: 1 | -1): number {
  return meanBet(
    (stake) =>
      lost * Math.log1p(stake * side * (1 - margin)) +
      gained * Math.log1p(stake * side * (-1 - margin)) +
      same * Math.log1p(stake * side * -margin),
  );
}

/**
 * What bets with the fixed stakes have made of 1 in mean. The logarithm of each is summed up: thousands of readings
 * that agree would leave the range of numbers.
 */
export function meanBet(logarithmOf: (stake: number) => number, stakes: readonly number[] = STAKES): number {
  const logarithms = stakes.map(logarithmOf);
  const largest = Math.max(...logarithms);
  const sum = logarithms.reduce((total, each) => total + Math.exp(each - largest), 0);
  return Math.exp(Math.min(largest + Math.log(sum / stakes.length), Math.log(Number.MAX_VALUE)));
}
