/** What is staked on each label, as a share of what there is. */
const STAKE = 0.5;
/** What the stake must have grown to: while the adapted one is not worse, so once in a thousand labels at most. */
const LIMIT = 1000;

/**
 * Whether what was learned is worse than the base, with confidence: a bet on each label that only the base has it
 * right, M ← max(1, M)·(1 + ½·d), d = 1 where only the base was right, −1 where only the adapted one was. While that
 * is no more likely than the other way round, M is expected to fall, and reaches 1000 at most once in a thousand labels
 * on average (an e-detector: Shin, Ramdas and Rinaldo 2022).
 */
export class WorseThanBase {
  readonly state = new Float64Array(1);

  begin(): void {
    this.state[0] = 1;
  }

  /** Takes a label; whether it is worse with confidence. */
  learn(baseIsRight: boolean, adaptedIsRight: boolean): boolean {
    const difference = Number(baseIsRight) - Number(adaptedIsRight);
    this.state[0] = Math.max(1, this.state[0]!) * (1 + STAKE * difference);
    return this.state[0]! >= LIMIT;
  }
}
