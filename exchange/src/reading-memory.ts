import { megabytes, SpikewireError } from '@spikewire/models';

/** The memory that reading a file may take, which counts what is made before it is made. */
export class ReadingMemory {
  readonly #most: number;
  readonly #expected: string;
  #left: number;

  /**
   * @param most bytes
   * @param expected what to give instead of a file that needs more
   */
  constructor(most: number, expected = 'a smaller net') {
    this.#most = most;
    this.#expected = expected;
    this.#left = most;
  }

  get left(): number {
    return this.#left;
  }

  /** Throws `budget`, with `where` in front, where these bytes are more than is left. */
  take(where: string, bytes: number): void {
    if (!(bytes <= this.#left)) {
      throw new SpikewireError('budget', where, `takes more than ${megabytes(this.#most)} to read`, this.#expected);
    }
    this.#left -= bytes;
  }
}
