import type { LinkCounters } from './link/link-options.ts';

/** Looks in a row, one a second, that make a state of it. */
const LOOKS = 5;

type Looked = Pick<LinkCounters, 'received' | 'inbox' | 'drained' | 'crowded'>;

/**
 * Tells from looks at a link, one a second, whether more comes than is done: then there is always a message that waits
 * for its answer, while at any lesser load there are moments without. One look is enough where as many wait as the
 * broker may send ahead: from then on it has to keep what comes, and drops, unseen from here, what it has no room for.
 */
export class OverloadWatch {
  readonly #qos: 0 | 1;
  readonly #done: number[] = [];
  #drained = -1;
  #crowded = -1;
  #row = 0;
  #overloaded = false;

  /** @param qos of the readings */
  constructor(qos: 0 | 1 = 1) {
    this.#qos = qos;
  }

  /**
   * A line where the state has changed. `brokerDropped` is what the broker says of its own drops; see `BrokerDrops`.
   */
  look({ received, inbox, drained, crowded }: Looked, brokerDropped?: number) {
    this.#done.push(received - inbox);
    if (this.#done.length > LOOKS + 1) this.#done.shift();
    const done = this.#done.at(-1)! - (this.#done.at(-2) ?? 0);
    const isFull = inbox > 0 && done > 0 && drained === this.#drained;
    const isCrowded = isFull && crowded > this.#crowded;
    [this.#drained, this.#crowded] = [drained, crowded];
    this.#row = isFull === this.#overloaded ? 0 : this.#row + 1;
    if (this.#row === 0 || (this.#row < LOOKS && !isCrowded)) return undefined;
    const rate = Math.round((this.#done.at(-1)! - this.#done.at(-1 - this.#row)!) / this.#row);
    this.#row = 0;
    this.#overloaded = isFull;
    if (!isFull) return 'this device keeps up with the readings again';
    const problem = `more messages arrive than this device can process (it processes ${rate} a second)`;
    return `overload: ${problem}; ${this.#beyond(brokerDropped)}`;
  }

  #beyond(brokerDropped: number | undefined): string {
    if (this.#qos === 0) return 'excess readings are dropped and counted';
    const counted =
      brokerDropped === undefined
        ? 'not counted, because this broker does not report them'
        : 'counted as brokerDropped';
    const here = 'with --qos 0 excess readings are dropped and counted here';
    return `the broker queues the others, and drops what does not fit into its queue (${counted}); ${here}`;
  }
}
