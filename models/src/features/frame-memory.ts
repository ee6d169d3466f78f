import { SpikewireError } from '../error.ts';

/** 32 MiB, for features of any device. */
const MOST_NUMBERS = 2 ** 22;

/** What a view or a small object costs, in numbers. */
export const OBJECT = 32;

/** How many numbers the features of a model may still keep, for all channels: taken before anything is allocated. */
export class FrameMemory {
  readonly #numbers: number;
  #left: number;

  /** @param numbers that there are at most; never more than 2^22 */
  constructor(numbers = MOST_NUMBERS) {
    this.#numbers = Math.max(0, Math.min(MOST_NUMBERS, Math.floor(numbers)));
    this.#left = this.#numbers;
  }

  /** What was taken so far. */
  get bytes(): number {
    return (this.#numbers - this.#left) * Float64Array.BYTES_PER_ELEMENT;
  }

  /** Throws `budget` where there are not so many left. */
  take(where: string, numbers: number): void {
    if (numbers > this.#left) {
      throw new SpikewireError('budget', where, `would keep ${numbers} numbers`, `at most ${this.#left}`);
    }
    this.#left -= numbers;
  }
}
