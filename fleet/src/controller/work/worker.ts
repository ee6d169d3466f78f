import { setTimeout as pause } from 'node:timers/promises';
import type { Changes } from '../database/database.ts';
import type { Lease, Leases } from './leases.ts';

export interface WorkerOptions {
  readonly leases: Leases;
  /**
   * Names of the work that is to be done, at most as many as one controller should do in a tick. Each is a durable
   * write, so nothing is named that changes nothing.
   */
  readonly pending: () => Promise<readonly string[]>;
  /** Does what is due of one of them, in a transaction. */
  readonly step: (name: string, changes: Changes) => Promise<void>;
  /** Between two ticks. */
  readonly milliseconds: number;
  readonly warn: (line: string) => void;
}

/**
 * Does the work of a controller in ticks: takes what no other controller does, and does one step of each. What a step
 * changes is in one transaction with the lease, so after a crash another controller goes on where it was.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #held = new Map<string, Lease>();
  /** By work: what was last said to have failed. */
  readonly #problems = new Map<string, string>();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Works until the signal ends it, and then lets other controllers go on. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tick();
      await pause(this.#options.milliseconds, undefined, { signal }).catch(() => {}); // ended
    }
    for (const [name, lease] of this.#held) await this.#letGo(name, lease);
  }

  /** One step of all work that is pending and not another controller's. */
  async tick(): Promise<void> {
    const names = await this.#try('work', this.#options.pending);
    if (names === undefined) return;
    const pending = new Set(names);
    for (const [name, lease] of this.#held) if (!pending.has(name)) await this.#letGo(name, lease);
    for (const name of names) await this.#try(name, () => this.#step(name));
  }

  /** Another controller may have it when it is pending again. */
  async #letGo(name: string, lease: Lease): Promise<void> {
    this.#held.delete(name);
    this.#problems.delete(name);
    await this.#options.leases.release(lease).catch(() => {}); // it expires
  }

  async #step(name: string): Promise<void> {
    const { leases, step } = this.#options;
    const lease = this.#held.get(name) ?? (await leases.take(name));
    if (lease === undefined) return;
    this.#held.set(name, lease);
    const isHeld = await leases.inside(lease, async (changes) => {
      await step(name, changes);
      return true;
    });
    if (isHeld === undefined) this.#held.delete(name);
  }

  /** Says once what fails; the next tick tries it again. */
  async #try<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.#problems.delete(name);
      return result;
    } catch (failure) {
      const { message } = failure as Error;
      if (this.#problems.get(name) !== message) this.#options.warn(`${name}: ${message}; it is tried again`);
      this.#problems.set(name, message);
      return undefined;
    }
  }
}
