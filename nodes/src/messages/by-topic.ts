import { SpikewireError } from 'spikewire';

/** Topics that one node knows apart. */
const MOST_TOPICS = 64;
const LONGEST_TOPIC = 1024;

/** Something of its own for each `msg.topic`, and one for all messages without; a bounded number. */
export class ByTopic<Own> {
  readonly #own = new Map<string, Own>();

  /**
   * What the topic has, made anew where there is none or it does not fit. Throws `budget` for one topic too many, `input`
   * for one that is too long, and what `make` throws.
   */
  get(topic: unknown, fits: (own: Own) => boolean, make: () => Own): Own {
    const key = typeof topic === 'string' ? topic : '';
    if (key.length > LONGEST_TOPIC)
      throw new SpikewireError('input', 'msg.topic', `has ${key.length} characters`, `at most ${LONGEST_TOPIC}`);
    const known = this.#own.get(key);
    if (known !== undefined && fits(known)) return known;
    if (known === undefined && this.#own.size >= MOST_TOPICS) {
      const expected = 'another node for further topics';
      throw new SpikewireError('budget', 'msg.topic', `exceeds the limit of ${MOST_TOPICS}`, expected);
    }
    const made = make();
    this.#own.set(key, made);
    return made;
  }
}
