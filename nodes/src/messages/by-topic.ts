import { SpikewireError } from 'spikewire';

/** Topics that one node knows apart. */
const MOST_TOPICS = 64;

/** Something of its own for each `msg.topic`, and one for all messages without; a bounded number. */
export class ByTopic<Own> {
  readonly #own = new Map<string, Own>();

  /** What the topic has, made anew where there is none or it does not fit. Throws `budget`, and what `make` throws. */
  get(topic: unknown, fits: (own: Own) => boolean, make: () => Own): Own {
    const key = typeof topic === 'string' ? topic : '';
    const known = this.#own.get(key);
    if (known !== undefined && fits(known)) return known;
    if (known === undefined && this.#own.size >= MOST_TOPICS) {
      const expected = 'a node of its own for the others';
      throw new SpikewireError('budget', 'msg.topic', `is one more than ${MOST_TOPICS}`, expected);
    }
    const made = make();
    this.#own.set(key, made);
    return made;
  }
}
