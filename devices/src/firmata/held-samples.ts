import type { BoardFrame } from './encoder-frames.ts';

/**
 * Makes samples again of what a board with the code `values` sends when it changes: a channel has its last value until
 * the next comes. A channel that may have changed in a frame that was lost has none, NaN, until its value is known.
 */
export class HeldSamples {
  readonly #places: ReadonlyMap<number, number>;
  readonly #held: Float64Array;
  /** The first sample is number 1. */
  #next = 1;

  /** @param channels of the board, in the order of the sample */
  constructor(channels: readonly number[]) {
    this.#places = new Map(channels.map((channel, place) => [channel, place]));
    this.#held = new Float64Array(channels.length).fill(Number.NaN);
  }

  /** The samples up to the end of the frame, one after the other, and the tick of the first. */
  take({ events, lost, until }: BoardFrame, most: number): { readonly first: number; readonly values: Float64Array } {
    if (lost > 0) this.#held.fill(Number.NaN);
    // What was silent for longer than anybody waits for is not made up for.
    const first = Math.max(this.#next, until + 1 - most);
    const width = this.#held.length;
    const values = new Float64Array(Math.max(0, until + 1 - first) * width);
    let row = first;
    const holdTo = (tick: number) => {
      for (; row < tick; row++) values.set(this.#held, (row - first) * width);
    };
    for (const { tick, channel, value } of events) {
      holdTo(tick);
      this.#held[this.#places.get(channel) ?? -1] = value;
    }
    holdTo(until + 1);
    this.#next = until + 1;
    return { first, values };
  }
}
