import type { SpikewireError } from '@spikewire/models';
import type { KeptSession } from '../kept/kept-session.ts';

/** What is known of a net whose executor failed. */
interface LostNet {
  readonly failure: SpikewireError;
  /** Its last state, where no store has it. */
  readonly state: Uint8Array | undefined;
}

/** Nets whose executor failed, with what is kept of them in memory, until they are opened again. Bounded. */
export class LostNets {
  /** The one that was lost first is the first. */
  readonly #nets = new Map<string, LostNet>();
  readonly #most: number;
  readonly #onForgotten: (key: string) => void;

  /** Keeps at most so many; `onForgotten` is called with the key of each that is dropped. */
  constructor(most: number, onForgotten: (key: string) => void) {
    this.#most = most;
    this.#onForgotten = onForgotten;
  }

  has(key: string): boolean {
    return this.#nets.has(key);
  }

  get(key: string): LostNet | undefined {
    return this.#nets.get(key);
  }

  delete(key: string): void {
    this.#nets.delete(key);
  }

  clear(): void {
    this.#nets.clear();
  }

  /** Keeps what there is of a net, where its executor failed. */
  note(key: string, kept: KeptSession | undefined): void {
    const failure = kept?.session.failure;
    if (failure === undefined) return;
    this.#nets.set(key, { failure, state: kept?.remembered });
    const [oldest] = this.#nets.keys();
    if (this.#nets.size > this.#most) this.#forget(oldest!);
  }

  /** Drops the oldest, so that no more than `room` are kept beside that of the key. */
  makeRoomFor(key: string, room: number): void {
    const others = [...this.#nets.keys()].filter((lost) => lost !== key);
    for (const oldest of others.slice(0, Math.max(0, others.length - room))) this.#forget(oldest);
  }

  #forget(key: string): void {
    this.#nets.delete(key);
    this.#onForgotten(key);
  }
}
