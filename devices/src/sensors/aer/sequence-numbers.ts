import { MOST_SENDERS } from './intake.ts';

/** So many numbers back it is known which have come. */
const KNOWN = 1024;
/** A larger gap is another sender. */
const LARGEST_GAP = 2 ** 16;

/** Tells by 32 bits of sequence numbers which datagrams are missing, came twice, or came later than the next. */
export class SequenceNumbers {
  readonly counts = { lostDatagrams: 0, doubledDatagrams: 0, reorderedDatagrams: 0, newSenders: 0 };
  readonly #senders = new Map<string, LastNumbers>();

  /** Whether the datagram of a number is a new one; each sender has numbers of its own. */
  admits(number: number, sender: string): boolean {
    const known = this.#senders.get(sender);
    const numbers = known?.isNear(number | 0) ? known : new LastNumbers();
    if (numbers !== known && this.#senders.size > 0) this.counts.newSenders++;
    // The sender that has been silent for longest stands first, and is forgotten.
    this.#senders.delete(sender);
    this.#senders.set(sender, numbers);
    if (this.#senders.size > MOST_SENDERS) this.#senders.delete(this.#senders.keys().next().value!);
    return numbers.admits(number | 0, this.counts);
  }
}

/** The last numbers of one sender. */
class LastNumbers {
  /** By number modulo 1024: the number itself. */
  readonly #seen = new Int32Array(KNOWN);
  readonly #known = new Uint8Array(KNOWN);
  #last: number | undefined;

  /** Whether the number can follow, or come late. */
  isNear(word: number): boolean {
    const ahead = this.#ahead(word);
    return ahead <= LARGEST_GAP && ahead > -KNOWN;
  }

  admits(word: number, counts: SequenceNumbers['counts']): boolean {
    const ahead = this.#ahead(word);
    if (ahead > 0) counts.lostDatagrams += ahead - 1;
    else if (this.#has(word)) {
      counts.doubledDatagrams++;
      return false;
    } else {
      counts.reorderedDatagrams++;
      counts.lostDatagrams = Math.max(0, counts.lostDatagrams - 1);
    }
    if (ahead > 0) this.#last = word;
    const place = word & (KNOWN - 1);
    this.#seen[place] = word;
    this.#known[place] = 1;
    return true;
  }

  #ahead(word: number): number {
    return this.#last === undefined ? 1 : (word - this.#last) | 0;
  }

  #has(word: number): boolean {
    const place = word & (KNOWN - 1);
    return this.#known[place] === 1 && this.#seen[place] === word;
  }
}
