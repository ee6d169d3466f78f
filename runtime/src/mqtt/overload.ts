import type { LinkCounters } from './link-options.ts';

/** Looks in a row, one a second, that make a state of it. */
const LOOKS = 5;

/**
 * Tells from looks at a link, one a second, whether more comes than is done: then there is always a message that waits
 * for its answer, while at any lesser load there are moments without. The broker keeps what comes beyond, and drops,
 * unseen from here, what it has no room for; so the rate that this machine does is to be said.
 */
export class OverloadWatch {
  readonly #done: number[] = [];
  #drained = -1;
  #row = 0;
  #overloaded = false;

  /** A line where the state has changed. */
  look({ received, inbox, drained }: Pick<LinkCounters, 'received' | 'inbox' | 'drained'>): string | undefined {
    this.#done.push(received - inbox);
    if (this.#done.length > LOOKS + 1) this.#done.shift();
    const done = this.#done.at(-1)! - (this.#done.at(-2) ?? 0);
    const isFull = inbox > 0 && done > 0 && drained === this.#drained;
    this.#drained = drained;
    this.#row = isFull === this.#overloaded ? 0 : this.#row + 1;
    if (this.#row < LOOKS) return undefined;
    this.#row = 0;
    this.#overloaded = isFull;
    if (!isFull) return 'it keeps up with what comes again';
    const rate = Math.round((this.#done.at(-1)! - this.#done[0]!) / (this.#done.length - 1));
    const what = `more messages come than are done here, ${rate} a second`;
    return `overload: ${what}; the broker keeps the others, and drops what it has no room for`;
  }
}
