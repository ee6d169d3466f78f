import { megabytes, SpikewireError } from '@spikewire/models';

/** The memory that reading a file may take, which counts what is made before it is made. */
export class ReadingMemory {
  readonly #most: number;
  #left: number;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  get left(): number {
    return this.#left;
  }

  /** Throws `budget`, with `where` in front, where these bytes are more than is left. */
  take(where: string, bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new SpikewireError('budget', where, `takes more than ${megabytes(this.#most)} to read`, 'a smaller net');
  }
}
