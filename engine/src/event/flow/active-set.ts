/**
 * Which elements of a node have to be visited: a bitmap with a summary of it, so that adding costs two words and
 * emptying costs the elements that are in it (and one word per 1024 that are not), in ascending order and each once.
 */
export class ActiveSet {
  readonly size: number;
  readonly bytes: number;
  /** Elements of the last `drain`, ascending; as many as it returned. */
  readonly drained: Int32Array;
  readonly #words: Int32Array;
  readonly #summary: Int32Array;

  constructor(size: number) {
    this.size = size;
    this.#words = new Int32Array((size + 31) >>> 5);
    this.#summary = new Int32Array((this.#words.length + 31) >>> 5);
    this.drained = new Int32Array(size);
    this.bytes = this.#words.byteLength + this.#summary.byteLength + this.drained.byteLength;
  }

  add(element: number): void {
    const word = element >>> 5;
    this.#words[word]! |= 1 << (element & 31);
    this.#summary[word >>> 5]! |= 1 << (word & 31);
  }

  addAll(): void {
    fillBits(this.#words, this.size);
    fillBits(this.#summary, this.#words.length);
  }

  /** Empties the set into `drained` and returns how many there were. */
  drain(): number {
    const [words, summary, drained] = [this.#words, this.#summary, this.drained];
    let count = 0;
    for (let block = 0; block < summary.length; block++) {
      let full = summary[block]!;
      summary[block] = 0;
      while (full !== 0) {
        const word = (block << 5) + lowestBit(full);
        full &= full - 1;
        let bits = words[word]!;
        words[word] = 0;
        while (bits !== 0) {
          drained[count++] = (word << 5) + lowestBit(bits);
          bits &= bits - 1;
        }
      }
    }
    return count;
  }

  clear(): void {
    this.#words.fill(0);
    this.#summary.fill(0);
  }
}

/** Sets the first `count` bits, all that there are. */
function fillBits(words: Int32Array, count: number): void {
  words.fill(-1);
  if ((count & 31) !== 0) words[words.length - 1] = (1 << (count & 31)) - 1;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
