/** Right answers, in all and over stretches of so many blocks. */
const STRETCH = 60;

/** Counts right answers of one net, block by block. */
export class Score {
  readonly #right: (boolean | undefined)[] = [];

  /** Undefined for a block that got no answer. */
  add(isRight: boolean | undefined): void {
    this.#right.push(isRight);
  }

  /** Share of right answers from block `from` on, and before block `to`; null where there are none. */
  since(from: number, to?: number): number | null {
    return shareOf(this.#right.slice(from, to));
  }

  /** Of the last so many blocks. */
  last(blocks: number): number | null {
    return this.since(Math.max(0, this.#right.length - blocks));
  }

  /** The same, stretch by stretch. */
  get course(): readonly (number | null)[] {
    const stretches = Math.ceil(this.#right.length / STRETCH);
    return Array.from({ length: stretches }, (_, k) => shareOf(this.#right.slice(k * STRETCH, (k + 1) * STRETCH)));
  }
}

function shareOf(right: readonly (boolean | undefined)[]): number | null {
  const answered = right.filter((each) => each !== undefined);
  return answered.length === 0 ? null : answered.filter((each) => each).length / answered.length;
}
