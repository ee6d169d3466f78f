/** The last entries of an endless row: the oldest makes room and is counted. */
export class Ring<Entry> {
  /** Entries that made room. */
  dropped = 0;
  readonly #capacity: number;
  readonly #entries: Entry[] = [];
  #oldest = 0;

  /** `capacity` ≥ 1 entries; `Infinity` keeps all. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(entry: Entry): void {
    if (this.#entries.length < this.#capacity) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    this.dropped++;
  }

  /** Oldest first; a copy. */
  toArray(): Entry[] {
    return [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)];
  }
}
