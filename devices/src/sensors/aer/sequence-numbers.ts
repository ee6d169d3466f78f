/** So many numbers back it is known which have come. */
const KNOWN = 1024;
/** A larger gap is another sender. */
const LARGEST_GAP = 2 ** 16;

/** Tells by 32 bits of sequence numbers which datagrams are missing, came twice, or came later than the next. */
export class SequenceNumbers {
  readonly counts = { lostDatagrams: 0, doubledDatagrams: 0, reorderedDatagrams: 0, newSenders: 0 };
  /** Of each of the last numbers, by number modulo 1024: the number itself. */
  readonly #seen = new Int32Array(KNOWN);
  readonly #known = new Uint8Array(KNOWN);
  #last: number | undefined;
  #sender: string | undefined;

  /** Whether the datagram of a number is a new one; another sender has numbers of its own. */
  admits(number: number, sender: string): boolean {
    const word = number | 0;
    if (this.#sender !== undefined && this.#sender !== sender) this.#begin();
    this.#sender = sender;
    const ahead = this.#last === undefined ? 1 : (word - this.#last) | 0;
    if (ahead > LARGEST_GAP || ahead <= -KNOWN) this.#begin();
    else if (ahead > 0) this.counts.lostDatagrams += ahead - 1;
    else if (this.#has(word)) {
      this.counts.doubledDatagrams++;
      return false;
    } else {
      this.counts.reorderedDatagrams++;
      this.counts.lostDatagrams = Math.max(0, this.counts.lostDatagrams - 1);
    }
    if (this.#last === undefined || ahead > 0) this.#last = word;
    const place = word & (KNOWN - 1);
    this.#seen[place] = word;
    this.#known[place] = 1;
    return true;
  }

  #begin(): void {
    this.counts.newSenders++;
    this.#last = undefined;
    this.#known.fill(0);
  }

  #has(word: number): boolean {
    const place = word & (KNOWN - 1);
    return this.#known[place] === 1 && this.#seen[place] === word;
  }
}
