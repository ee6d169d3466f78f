import { SpikewireError } from '../error.ts';

/** 32 MiB, for features of any device. */
const MOST_NUMBERS = 2 ** 22;

/** What a view or a small object costs, in numbers. */
export const OBJECT = 32;

/** How many numbers the features of a model may still keep, for all channels: taken before anything is allocated. */
export class FrameMemory {
  readonly #numbers: number;
  #left: number;
  /** Of what was taken, that which is no array of numbers. */
  #objects = 0;

  /** @param numbers that there are at most; never more than 2^22 */
  constructor(numbers = MOST_NUMBERS) {
    this.#numbers = Math.max(0, Math.min(MOST_NUMBERS, Math.floor(numbers)));
    this.#left = this.#numbers;
  }

  /** What was taken so far. */
  get bytes(): number {
    return (this.#numbers - this.#left) * Float64Array.BYTES_PER_ELEMENT;
  }

  /** The same without objects. */
  get arrayBytes(): number {
    return this.bytes - this.#objects * Float64Array.BYTES_PER_ELEMENT;
  }

  /** Takes so many numbers, and objects and lists that cost as many more. Throws `budget` where less is left. */
  take(where: string, numbers: number, objects = 0): void {
    const wanted = numbers + objects;
    if (wanted > this.#left) {
      throw new SpikewireError('budget', where, `would keep ${wanted} numbers`, `at most ${this.#left}`);
    }
    this.#left -= wanted;
    this.#objects += objects;
  }
}
