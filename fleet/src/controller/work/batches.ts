/** How items are written together. */
export interface BatchOptions<Item, Result> {
  /** Of items with the same key, a batch has one; they are written in the order in which they came. */
  readonly keyOf: (item: Item) => string;
  readonly sizeOf: (item: Item) => number;
  /** Sum of the sizes in a batch, unless a single item is larger. */
  readonly most: number;
  /** Returns the result of each item, in their order, or why it has none. Where it rejects, all items fail with that. */
  readonly write: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (failure: unknown) => void;
}

/**
 * Writes one batch at a time, of the items that have come while the batch before was written: an item that comes alone
 * waits for nothing. Whoever adds items bounds how many wait.
 */
export class Batches<Item, Result> {
  readonly #options: BatchOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #isWriting = false;

  constructor(options: BatchOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves with the result of the item once its batch is written. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) await this.#write(this.#nextBatch());
    this.#isWriting = false;
  }

  #nextBatch(): Waiting<Item, Result>[] {
    const { keyOf, sizeOf, most } = this.#options;
    const [batch, left, keys] = [[] as Waiting<Item, Result>[], [] as Waiting<Item, Result>[], new Set<string>()];
    let size = 0;
    for (const each of this.#waiting) {
      const [key, own] = [keyOf(each.item), sizeOf(each.item)];
      const fits = !keys.has(key) && (batch.length === 0 || size + own <= most);
      if (fits) size += own;
      (fits ? batch : left).push(each);
      keys.add(key); // also of one that does not fit: no later one overtakes it
    }
    this.#waiting = left;
    return batch;
  }

  async #write(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.write(batch.map(({ item }) => item));
      for (const [k, { resolve, reject }] of batch.entries()) {
        const result = results[k]!;
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
    } catch (failure) {
      for (const { reject } of batch) reject(failure);
    }
  }
}
