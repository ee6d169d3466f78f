import { anything, type KeptState, kept, real, whole } from '@spikewire/models';

/** What a read-out saw in one window, and what came of it. */
export interface Seen {
  /** Number of the window, from 0. */
  readonly window: number;
  /** Spike counts, 0…255: a view. */
  readonly evidence: Uint8Array;
  /** Index of the class that was answered; −1 for none of them. */
  readonly answered: number;
  /** Index of the class that it was last said to be; −1 where nobody has said. */
  readonly taught: number;
}

/**
 * The evidence of the newest windows, so that a label that comes late meets what the read-out saw then. Rings of fixed
 * size: old windows are forgotten. They are saved with the session, so that a label still finds its window after a
 * restart.
 */
export class RecentEvidence {
  /** `times` is [windows ever added, then the time of each slot]; classes are kept as their index + 1, 0 for none. */
  readonly state: {
    readonly times: Float64Array;
    readonly evidence: Uint8Array;
    readonly answered: Uint32Array;
    readonly taught: Uint32Array;
  };
  readonly #capacity: number;
  readonly #size: number;

  /** `size` is the number of counts of a window. */
  constructor(capacity: number, size: number) {
    this.#capacity = capacity;
    this.#size = size;
    this.state = {
      times: new Float64Array(1 + capacity),
      evidence: new Uint8Array(capacity * size),
      answered: new Uint32Array(capacity),
      taught: new Uint32Array(capacity),
    };
  }

  /** The state, as it is saved, of answers among so many classes. */
  keptOf(classes: number): KeptState<Float64Array | Uint32Array | Uint8Array> {
    const { times, evidence, answered, taught } = this.state;
    return {
      times: kept(times, whole(), real()),
      evidence: kept(evidence, anything),
      answered: kept(answered, whole(0, classes)),
      taught: kept(taught, whole(0, classes)),
    };
  }

  add(time: number, evidence: Uint8Array, answered: number): void {
    const { times } = this.state;
    const added = times[0]!;
    const slot = added % this.#capacity;
    times[1 + slot] = time;
    this.state.evidence.set(evidence, slot * this.#size);
    this.state.answered[slot] = answered + 1;
    this.state.taught[slot] = 0;
    times[0] = added + 1;
  }

  /** The newest window, or the newest one not after `time`. */
  find(time: number | undefined): Seen | undefined {
    const { times, answered, taught } = this.state;
    const added = times[0]!;
    const oldest = Math.max(0, added - this.#capacity);
    for (let k = added - 1; k >= oldest; k--) {
      const slot = k % this.#capacity;
      if (time !== undefined && times[1 + slot]! > time) continue;
      const first = slot * this.#size;
      const evidence = this.state.evidence.subarray(first, first + this.#size);
      return { window: k, evidence, answered: answered[slot]! - 1, taught: taught[slot]! - 1 };
    }
    return undefined;
  }

  /** Notes what a window was said to be, as long as it is kept; −1 for nothing. */
  mark(window: number, taught: number): void {
    if (window + this.#capacity >= this.count) this.state.taught[window % this.#capacity] = taught + 1;
  }

  /** When each was, and what it was last said to be; oldest first. */
  list(): { readonly time: number; readonly taught: number }[] {
    const count = Math.min(this.count, this.#capacity);
    return Array.from({ length: count }, (_, k) => {
      const slot = (this.count - count + k) % this.#capacity;
      return { time: this.state.times[1 + slot]!, taught: this.state.taught[slot]! - 1 };
    });
  }

  /** Windows ever added. */
  get count(): number {
    return this.state.times[0]!;
  }

  /** Forgets all windows. */
  forget(): void {
    for (const numbers of Object.values(this.state)) numbers.fill(0);
  }

  /** Forgets what windows were said to be. */
  unmark(): void {
    this.state.taught.fill(0);
  }
}
