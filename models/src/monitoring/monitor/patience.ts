import { flag, type KeptState, kept, whole } from '../../kept-numbers.ts';
import type { UnusualTeaching } from './limit-reason.ts';

/** Flagged readings beyond ordinary ones after which they are the usual ones. */
const PATIENCE = 300;

/**
 * Whether what is flagged teaches what is usual: a fault does not, whatever comes again and again for hundreds of
 * readings does, until there were as many ordinary ones. For several numbers.
 */
export class Patience {
  /** Everything that changes, for saving and restoring. */
  readonly state: KeptState<Float64Array>;
  /** Flagged readings less ordinary ones. */
  readonly #surplus: Float64Array;
  /** 1 while all teaches. */
  readonly #ended: Float64Array;

  constructor(count: number) {
    [this.#surplus, this.#ended] = [new Float64Array(count), new Float64Array(count)];
    this.state = { surplus: kept(this.#surplus, whole(0, PATIENCE)), patienceEnded: kept(this.#ended, flag) };
  }

  /** What was flagged so often that it teaches. */
  get taught(): UnusualTeaching | undefined {
    return this.#ended.includes(1) ? { readings: PATIENCE, isForNow: false } : undefined;
  }

  /** Whether this reading of the k-th number teaches. */
  teaches(k: number, isFlagged: boolean): boolean {
    const surplus = Math.max(0, Math.min(PATIENCE, this.#surplus[k]! + (isFlagged ? 1 : -1)));
    this.#surplus[k] = surplus;
    if (surplus === 0) this.#ended[k] = 0;
    if (surplus === PATIENCE) this.#ended[k] = 1;
    return !isFlagged || this.#ended[k] === 1;
  }
}
