import { type KeptNumbers, kept, real, unknownOr, whole } from '../kept-numbers.ts';
import type { CalledNormalBy, LimitReason, NamedStretch } from './monitor/limit-reason.ts';

/** By the number that is kept of it; 0: nothing was called normal, or an earlier build did not keep by whom. */
const BY: readonly (CalledNormalBy | undefined)[] = [undefined, 'person', 'recurring', 'warm-up'];

/** Who called it, number of the first reading and the last, when they were taken. */
const RANGES = [whole(0, BY.length - 1), whole(), whole(), unknownOr(real()), unknownOr(real())];

/** By whom, and in which stretch of readings, each of several numbers was called normal. */
export class NormalCauses {
  readonly #causes: Float64Array;

  constructor(count: number) {
    this.#causes = new Float64Array(count * RANGES.length);
  }

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    return { ...kept(this.#causes), rangeOf: (k) => RANGES[k % RANGES.length]! };
  }

  /** The k-th number was called normal; without a stretch in the warm-up. */
  set(k: number, by: CalledNormalBy, { first = 0, last = 0, begun = 0, ended = 0 }: Partial<NamedStretch> = {}): void {
    this.#causes.set([BY.indexOf(by), first, last, begun, ended], k * RANGES.length);
  }

  /** Of those that still hold, each once. */
  reasons(holds: readonly boolean[]): LimitReason[] {
    const reasons = new Map<string, LimitReason>();
    for (const [k, isHeld] of holds.entries()) {
      if (!isHeld) continue;
      const own = this.#causes.subarray(k * RANGES.length, (k + 1) * RANGES.length);
      reasons.set(own.join(), reasonOf(own as unknown as readonly [number, number, number, number, number]));
    }
    return [...reasons.values()];
  }
}

/** What an earlier build has kept was mostly called so by a person. */
function reasonOf([by, first, last, begun, ended]: readonly [number, number, number, number, number]): LimitReason {
  const cause = { kind: 'called-normal', by: BY[by] ?? 'person' } as const;
  if (last === 0) return cause;
  return Number.isNaN(begun + ended) ? { ...cause, first, last } : { ...cause, first, last, begun, ended };
}
