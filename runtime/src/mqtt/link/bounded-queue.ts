/** How much a queue may contain. */
export interface QueueCapacity {
  /** Values, ≥ 1. */
  readonly count: number;
  /** Sum of the values' sizes, as given by whoever offers them. */
  readonly bytes: number;
}

/**
 * What happens to a value that does not fit: `drop-oldest` makes room for it, `drop-newest` drops it, `refuse` gives it
 * back to the caller, who can wait and offer it again.
 */
export type OverflowPolicy = 'drop-oldest' | 'drop-newest' | 'refuse';

/** A value in a queue and the room that it takes. */
export interface Queued<T> {
  readonly value: T;
  readonly bytes: number;
}

/** Dead slots in front of the first value that are tolerated before the array is cut. */
const SLACK = 1024;

/**
 * First in, first out, never larger than its capacity, and it counts what it drops.
 *
 * A value leaves either for good (`take`) or on loan (`hold`): a held value keeps its room until it is released, so
 * that it can always come back to the front (`restore`). This is what store-and-forward needs: sent, but not yet
 * acknowledged.
 */
export class BoundedQueue<T> {
  readonly capacity: QueueCapacity;
  readonly policy: OverflowPolicy;
  #slots: (Queued<T> | undefined)[] = [];
  #first = 0;
  readonly #held = new Set<Queued<T>>();
  #bytes = 0;
  #heldBytes = 0;
  #dropped = 0;
  #refused = 0;

  constructor(capacity: QueueCapacity, policy: OverflowPolicy) {
    this.capacity = capacity;
    this.policy = policy;
  }

  /** Values that wait in the queue. */
  get waiting(): number {
    return this.#slots.length - this.#first;
  }

  /** Values on loan. */
  get held(): number {
    return this.#held.size;
  }

  /** Values in the queue and on loan, ≤ capacity.count. */
  get size(): number {
    return this.waiting + this.held;
  }

  /** Bytes in the queue and on loan, ≤ capacity.bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Values lost to the policy since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Values given back to the caller since the start (policy `refuse`). */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Puts a value at the end.
   *
   * @returns the values that fell out: none, the oldest waiting ones, or the newcomer itself
   */
  offer(value: T, bytes: number): readonly T[] {
    const out: T[] = [];
    if (this.policy === 'drop-oldest' && this.#couldFit(bytes)) {
      while (!this.#fits(bytes)) out.push(this.take()!.value);
      this.#dropped += out.length;
    }
    if (this.#fits(bytes)) {
      this.#slots.push({ value, bytes });
      this.#bytes += bytes;
      return out;
    }
    if (this.policy === 'refuse') this.#refused++;
    else this.#dropped++;
    return [value];
  }

  /** Removes the first value; its room is free at once. */
  take(): Queued<T> | undefined {
    const queued = this.#shift();
    if (queued) this.#bytes -= queued.bytes;
    return queued;
  }

  /** Removes the first value on loan; its room stays taken until `release` or `restore`. */
  hold(): Queued<T> | undefined {
    const queued = this.#shift();
    if (!queued) return undefined;
    this.#held.add(queued);
    this.#heldBytes += queued.bytes;
    return queued;
  }

  /** Ends a loan for good. Returns false if this value was not on loan. */
  release(queued: Queued<T>): boolean {
    if (!this.#held.delete(queued)) return false;
    this.#bytes -= queued.bytes;
    this.#heldBytes -= queued.bytes;
    return true;
  }

  /** Brings every value on loan back to the front, in the order in which they had left. */
  restore(): void {
    if (this.#held.size === 0) return;
    this.#slots = [...this.#held, ...this.#slots.slice(this.#first)];
    this.#first = 0;
    this.#held.clear();
    this.#heldBytes = 0;
  }

  #shift(): Queued<T> | undefined {
    const queued = this.#slots[this.#first];
    if (!queued) return undefined;
    this.#slots[this.#first++] = undefined;
    if (this.#first === this.#slots.length || (this.#first > SLACK && this.#first * 2 > this.#slots.length)) {
      this.#slots.splice(0, this.#first);
      this.#first = 0;
    }
    return queued;
  }

  #fits(bytes: number): boolean {
    return this.size < this.capacity.count && this.#bytes + bytes <= this.capacity.bytes;
  }

  /** Whether dropping all that waits would make enough room; what is on loan cannot be dropped. */
  #couldFit(bytes: number): boolean {
    return this.held < this.capacity.count && this.#heldBytes + bytes <= this.capacity.bytes;
  }
}
