import { SpikewireError } from 'spikewire';

/**
 * Tasks wait for their turn: those of a key run one after another, in the order in which they came, those of different
 * keys beside each other. A bounded number waits; more are refused and counted, because a flow does not slow down when
 * a node is busy.
 */
export class Turns {
  /** Tasks that have been taken and are not done. */
  pending = 0;
  refused = 0;
  readonly #limit: number;
  readonly #last = new Map<string, Promise<void>>();
  #open = true;
  #abandoned = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Rejects as the task does, or at once when too many wait. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    if (!this.#open) throw closed();
    if (this.pending >= this.#limit) {
      this.refused++;
      throw new SpikewireError('budget', 'message', `came while ${this.pending} others waited`, 'fewer per second');
    }
    this.pending++;
    const before = this.#last.get(key);
    const result = before === undefined ? task() : before.then(() => this.#begin(task));
    const ended: Promise<void> = result.then(
      () => this.#end(key, ended),
      () => this.#end(key, ended),
    );
    this.#last.set(key, ended);
    return result;
  }

  #begin<T>(task: () => Promise<T>): Promise<T> {
    if (this.#abandoned) throw closed();
    return task();
  }

  #end(key: string, ended: Promise<void>): void {
    this.pending--;
    if (this.#last.get(key) === ended) this.#last.delete(key);
  }

  /**
   * Takes no more tasks, and resolves when those that wait are done; after `milliseconds` those that have not begun are
   * refused.
   */
  async close(milliseconds: number): Promise<void> {
    this.#open = false;
    const timer = setTimeout(() => {
      this.#abandoned = true;
    }, milliseconds);
    while (this.#last.size > 0) await Promise.all(this.#last.values());
    clearTimeout(timer);
  }
}

function closed(): SpikewireError {
  return new SpikewireError('unsupported', 'message', 'came when the net was being closed', 'a running flow');
}
