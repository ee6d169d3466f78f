import type { KeptSession } from '../kept/kept-session.ts';
import { ClosingNets } from './closing-nets.ts';

/**
 * Closed nets whose state waits in memory to be saved, by their keys. One of which all is saved leaves by itself, and
 * its store is closed then, which waits for no user of a net.
 */
export class RestingNets {
  readonly #nets = new Map<string, KeptSession>();
  readonly #leaving: ClosingNets;

  constructor(warn: (line: string) => void) {
    this.#leaving = new ClosingNets(warn);
  }

  get size(): number {
    return this.#nets.size;
  }

  has(key: string): boolean {
    return this.#nets.has(key);
  }

  get nets(): Iterable<KeptSession> {
    return this.#nets.values();
  }

  /** Closes a net and keeps what is not saved of it. @returns the bytes of its state; rejects where it cannot rest */
  async lay(key: string, kept: KeptSession): Promise<number> {
    let bytes: number;
    try {
      bytes = await kept.rest(() => this.#leave(key, kept));
    } catch (failure) {
      await kept.close();
      throw failure;
    }
    this.#keep(key, kept);
    return bytes;
  }

  /** Opens a net that rests; undefined where it does not. Rejects with what hinders that, and it rests on. */
  async wake(key: string): Promise<KeptSession | undefined> {
    // It may have been saved, and be on its way out, since it was asked for.
    if (this.#leaving.has(key)) await this.#leaving.get(key);
    const kept = this.#nets.get(key);
    if (kept === undefined) return undefined;
    this.#nets.delete(key);
    try {
      await kept.wake();
      return kept;
    } catch (failure) {
      this.#keep(key, kept);
      throw failure;
    }
  }

  #keep(key: string, kept: KeptSession): void {
    this.#nets.set(key, kept);
    if (!kept.unsaved) this.#leave(key, kept);
  }

  /** Gives up a net when there is nothing left to save. */
  #leave(key: string, kept: KeptSession): void {
    if (this.#nets.get(key) !== kept) return;
    this.#nets.delete(key);
    void this.#leaving.track(key, kept.close());
  }

  /** Resolves when those have left that are leaving now. */
  left(): Promise<void> {
    return this.#leaving.all();
  }

  /** Saves and closes all of them. */
  async close(): Promise<PromiseSettledResult<void>[]> {
    const results = await Promise.allSettled([...this.#nets.values()].map((kept) => kept.close()));
    this.#nets.clear();
    await this.left(); // one that was saved meanwhile has left by itself
    return results;
  }
}
