import type { QueueCapacity, Queued } from './bounded-queue.ts';

/**
 * Values that wait by key, never more than its capacity: keys have their turns in the order in which they came, and
 * the values of a key stay in order.
 */
export class NewcomerQueue<T> {
  readonly capacity: QueueCapacity;
  readonly #queues = new Map<string, Queued<T>[]>();
  #size = 0;
  #bytes = 0;

  constructor(capacity: QueueCapacity) {
    this.capacity = capacity;
  }

  /** Values that wait. */
  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#queues.has(key);
  }

  /** Puts a value at the end; false where there is no room for it. */
  offer(key: string, value: T, bytes: number): boolean {
    if (this.#size === this.capacity.count || this.#bytes + bytes > this.capacity.bytes) return false;
    const queue = this.#queues.get(key);
    if (queue === undefined) this.#queues.set(key, [{ value, bytes }]);
    else queue.push({ value, bytes });
    this.#size++;
    this.#bytes += bytes;
    return true;
  }

  /** The key whose turn it is. */
  get next(): string | undefined {
    return this.#queues.keys().next().value;
  }

  /** The first value of a key, which stays. */
  first(key: string): Queued<T> | undefined {
    return this.#queues.get(key)?.[0];
  }

  /** Removes the first value of a key. */
  take(key: string): T | undefined {
    const queue = this.#queues.get(key);
    const queued = queue?.shift();
    if (queued === undefined) return undefined;
    if (queue!.length === 0) this.#queues.delete(key);
    this.#size--;
    this.#bytes -= queued.bytes;
    return queued.value;
  }
}
