/** Nets that are being closed, by their keys, for others who want to open one of them. */
export class ClosingNets {
  readonly #nets = new Map<string, Promise<void>>();
  readonly #warn: (line: string) => void;

  constructor(warn: (line: string) => void) {
    this.#warn = warn;
  }

  get size(): number {
    return this.#nets.size;
  }

  has(key: string): boolean {
    return this.#nets.has(key);
  }

  /** Resolves when that net is closed; undefined where it is not being closed. */
  get(key: string): Promise<void> | undefined {
    return this.#nets.get(key);
  }

  /** Resolves when those are closed that are being closed now. */
  async all(): Promise<void> {
    await Promise.all(this.#nets.values());
  }

  /** Keeps what closes a net until that is done; what fails is said. @returns the same, which never rejects */
  track(key: string, close: Promise<void>): Promise<void> {
    const tracked: Promise<void> = close
      .catch((failure: Error) => this.#warn(failure.message))
      .finally(() => {
        if (this.#nets.get(key) === tracked) this.#nets.delete(key);
      });
    this.#nets.set(key, tracked);
    return tracked;
  }
}
