import { setTimeout as pause } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import type { Database } from '../database/database.ts';
import { type Lease, Leases } from '../work/leases.ts';
import { HintPacer } from './hint-pacer.ts';
import { pendingHints } from './pending-hints.ts';

/** Where hints go. */
export interface HintBroker {
  readonly isConnected: boolean;
  /** Sends one, at most once. Rejects where it is dropped. */
  hint(device: string): Promise<void>;
}

/** Of one controller since its start. */
export interface HintCounts {
  sent: number;
  dropped: number;
  /** Devices whose hint waits now for the limit of all hints. */
  waiting: number;
}

export interface HintsOptions {
  readonly database: Database;
  /** Name of this controller, unique among the controllers of the database. */
  readonly holder: string;
  readonly broker: HintBroker;
  readonly counts: HintCounts;
  readonly warn: (line: string) => void;
}

const LEASE_MILLISECONDS = 30_000;
const LOOK_MILLISECONDS = 1000;
/** 10,000 devices report within 100 s, which keeps a core busy for a fifth of that time. */
const PACE = { perSecond: 100, burst: 100, firstPause: 2000, longestPause: 300_000 };

/**
 * Tells devices by a broker that their orders have changed, again and again until they have reported. Of several
 * controllers one does that. A hint holds no order: whatever is lost, doubled or wrong costs one report.
 */
export class Hints {
  readonly #options: HintsOptions;
  readonly #leases: Leases;
  readonly #pacer: HintPacer;
  #lease: Lease | undefined;
  /** Until then the lease needs no renewal, by `performance.now()`. */
  #leaseHolds = 0;
  /** What was last said to have failed. */
  #problem: string | undefined;

  constructor(options: HintsOptions) {
    const { database, holder } = options;
    const random = new RandomGenerator(1, `hints ${holder}`);
    this.#options = options;
    this.#leases = new Leases({ database, holder, milliseconds: LEASE_MILLISECONDS });
    this.#pacer = new HintPacer({ ...PACE, random: () => random.nextUniform() });
  }

  /** Looks once a second until the signal ends it. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await pause(LOOK_MILLISECONDS, undefined, { signal }).catch(() => {}); // ended
    }
    if (this.#lease !== undefined) await this.#leases.release(this.#lease).catch(() => {}); // it expires
  }

  /** Sends the hints that are due. Never rejects. */
  async look(): Promise<void> {
    const { broker, counts, warn } = this.#options;
    try {
      const due = this.#pacer.take(broker.isConnected ? await this.#pending() : []);
      counts.waiting = this.#pacer.waiting;
      for (const device of due) void this.#send(device);
      this.#problem = undefined;
    } catch (failure) {
      const { message } = failure as Error;
      if (message !== this.#problem) warn(`hints: ${message}; it is tried again`);
      this.#problem = message;
    }
  }

  async #pending() {
    const pending = await pendingHints(this.#options.database);
    return pending.length > 0 && (await this.#holdsLease()) ? pending : [];
  }

  async #send(device: string): Promise<void> {
    const { broker, counts } = this.#options;
    await broker.hint(device).then(
      () => counts.sent++,
      () => counts.dropped++,
    );
  }

  /** A look is no durable write: the lease is renewed only when half of its time is over. */
  async #holdsLease(): Promise<boolean> {
    if (this.#lease !== undefined && performance.now() < this.#leaseHolds) return true;
    const isRenewed = this.#lease && (await this.#leases.inside(this.#lease, async () => true));
    if (isRenewed === undefined) this.#lease = await this.#leases.take('hints');
    this.#leaseHolds = performance.now() + LEASE_MILLISECONDS / 2;
    return this.#lease !== undefined;
  }
}
