import { RandomGenerator } from '@spikewire/models';

/** A line that changes, loses and doubles a share of its bytes, by a seed. */
export class WrongBytes {
  /** Bytes that were changed so far. */
  changed = 0;
  #share;
  #random;

  constructor(share, seed) {
    this.#share = { changed: 0, lost: 0, twice: 0, ...share };
    this.#random = new RandomGenerator(seed, 'wrong bytes');
  }

  take(bytes) {
    const { changed, lost, twice } = this.#share;
    const came = [];
    for (const byte of bytes) {
      const fate = this.#random.nextUniform();
      if (fate < changed) {
        this.changed++;
        came.push(byte ^ (1 + this.#random.nextInteger(255)));
      } else if (fate < changed + lost) continue;
      else if (fate < changed + lost + twice) came.push(byte, byte);
      else came.push(byte);
    }
    return Uint8Array.from(came);
  }
}
