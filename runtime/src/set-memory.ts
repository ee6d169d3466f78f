import { getHeapStatistics } from 'node:v8';
import { megabytes, SpikewireError } from '@spikewire/models';
import { memoryOfMachine } from './memory-limit.ts';

/**
 * Share of V8's heap that a set may take. V8 needs room to collect garbage, and its limit includes the young
 * generation, which is two thirds of a small heap on Node 24.
 */
const SHARE_OF_HEAP = 0.25;

/** What a net may take on this machine, or less where V8, in which the samples lie, ends a process before. */
function memoryOfSet(): number {
  return Math.min(memoryOfMachine(), SHARE_OF_HEAP * getHeapStatistics().heap_size_limit);
}

/** The memory that a data set may take, which counts what is read before it is kept. */
export class SetMemory {
  readonly #name: string;
  readonly #most: number;
  #taken = 0;

  /**
   * @param name of the set, for errors
   * @param most bytes
   */
  constructor(name: string, most = memoryOfSet()) {
    this.#name = name;
    this.#most = most;
  }

  /** Throws `budget` where these bytes are more than is left. */
  take(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken <= this.#most) return;
    const most = megabytes(this.#most);
    throw new SpikewireError('budget', this.#name, `takes more than ${most} of memory`, 'a smaller set of data');
  }
}
