import type { PairSeen } from './ports.ts';

const MOST_QUESTIONS = 32;
const DEFAULT_PER_DAY = 20;
const DAY_MS = 86_400_000;

export interface Question extends PairSeen {
  readonly id: number;
}

/**
 * Readings to which two models gave different answers: their labels say which is better. At most 32 wait, the oldest
 * first to go, and at most so many are asked in a day of the stream's time.
 */
export class Questions {
  readonly #perDay: () => number;
  readonly #open = new Map<string, Question>();
  #day = -1;
  #asked = 0;
  #next = 1;

  /** @param perDay how many a controller allows now; undefined: 20 */
  constructor(perDay: () => number | undefined = () => undefined) {
    this.#perDay = () => perDay() ?? DEFAULT_PER_DAY;
  }

  /** Asks about a reading, unless both answered the same, enough were asked today, or it is asked already. */
  pair(pair: PairSeen): void {
    const key = keyOf(pair);
    if (pair.answering === pair.watched || this.#open.has(key)) return;
    const day = Math.floor(pair.time / DAY_MS);
    if (day !== this.#day) [this.#day, this.#asked] = [day, 0];
    if (this.#asked >= this.#perDay()) return;
    this.#asked++;
    this.#open.set(key, { ...pair, id: this.#next++ });
    if (this.#open.size > MOST_QUESTIONS) this.#open.delete(this.#open.keys().next().value!);
  }

  /** Nobody can judge what was asked any more; how many were asked today stays. */
  withdraw(): void {
    this.#open.clear();
  }

  answered(pair: PairSeen): void {
    this.#open.delete(keyOf(pair));
  }

  /** The newest last. */
  get list(): readonly Question[] {
    return [...this.#open.values()];
  }
}

function keyOf({ net, time }: PairSeen): string {
  return `${time} ${net}`;
}
