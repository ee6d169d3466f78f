/** Newest answers of a net that a label may still be about. */
const NEWEST = 16;
/** Nets of which these are remembered: those with the newest. */
const MOST_NETS = 1024;
/** Older answers of a net that differed, of all nets together. */
const DIFFERING = 64;
const MOST_DIFFERING = 2048;

/** What two models have said to a reading: classes, or undefined. */
export interface Answers {
  readonly time: number;
  readonly answering: string | undefined;
  readonly watched: string | undefined;
  /** How sure both have said to be; absent where one of them has not. */
  readonly confidence?: { readonly old: number; readonly new: number };
  /** Whether a label has said who was right: that counts once. */
  isJudged: boolean;
}

/** Whether both have named a class. */
export function isPaired<T extends Pick<Answers, 'answering' | 'watched'>>(
  answers: T,
): answers is T & { readonly answering: string; readonly watched: string } {
  return answers.answering !== undefined && answers.watched !== undefined;
}

/**
 * Answers of two models that labels may be about: the newest of each net and, for longer, those that differ, about which
 * it is worth asking somebody later. Bounded.
 */
export class RememberedAnswers {
  /** By net, the one with the newest answer last. */
  readonly #newest = new Map<string, Answers[]>();
  /** Older ones, by net likewise. */
  readonly #differing = new Map<string, Answers[]>();
  #differingCount = 0;

  add(key: string, answers: Answers): void {
    const newest = append(this.#newest, key, answers);
    const former = newest.length > NEWEST ? newest.shift() : undefined;
    if (former !== undefined && isPaired(former) && former.answering !== former.watched)
      this.#keepDiffering(key, former);
    if (this.#newest.size > MOST_NETS) this.#newest.delete(this.#newest.keys().next().value!);
  }

  #keepDiffering(key: string, answers: Answers): void {
    const own = append(this.#differing, key, answers);
    this.#differingCount++;
    if (own.length > DIFFERING) this.#dropDiffering(key);
    else if (this.#differingCount > MOST_DIFFERING) this.#dropDiffering(this.#differing.keys().next().value!);
  }

  #dropDiffering(key: string): void {
    const own = this.#differing.get(key)!;
    own.shift();
    this.#differingCount--;
    if (own.length === 0) this.#differing.delete(key);
  }

  /**
   * The answers that a label of that time is about: the newest that are no later, as for the net itself; of older ones,
   * between which others are forgotten, only those to the reading of exactly that time.
   */
  about(key: string, time: number): Answers | undefined {
    return (
      this.#newest.get(key)?.findLast((answers) => answers.time <= time) ??
      this.#differing.get(key)?.findLast((answers) => answers.time === time)
    );
  }

  clear(): void {
    this.#newest.clear();
    this.#differing.clear();
    this.#differingCount = 0;
  }
}

/** Adds to the list of a key, which comes last then. */
function append<T>(lists: Map<string, T[]>, key: string, item: T): T[] {
  const list = lists.get(key) ?? [];
  list.push(item);
  lists.delete(key);
  lists.set(key, list);
  return list;
}
