import { withCleanup } from '../../session/cleanup.ts';
import type { AgentConfiguration } from './configuration.ts';
import type { FollowedConfiguration } from './followed-configuration.ts';
import type { Machines } from './machines.ts';

/** Opens the machines of a configuration, which end with the signal. */
export type OpenMachines = (configuration: AgentConfiguration, signal: AbortSignal) => Promise<Machines>;

const NO_MACHINES: AgentConfiguration = { machines: {} };

/**
 * Runs the machines of a configuration that is followed, and those of another one when that comes.
 */
export class ConfiguredMachines {
  readonly #followed: FollowedConfiguration;
  readonly #open: OpenMachines;
  #machines: Machines | undefined;

  constructor(followed: FollowedConfiguration, open: OpenMachines) {
    this.#followed = followed;
    this.#open = open;
  }

  get readings(): Machines['readings'] {
    return this.#machines?.readings ?? new Map();
  }

  get status(): string {
    return this.#machines?.status ?? 'starts';
  }

  get reports(): Machines['reports'] {
    return this.#machines?.reports;
  }

  get live(): Machines['live'] {
    return this.#machines?.live ?? new Map();
  }

  get folders(): Machines['folders'] {
    return this.#machines?.folders ?? [];
  }

  get sharable(): Machines['sharable'] {
    return this.#machines?.sharable ?? [];
  }

  obey(): void {
    this.#machines?.obey();
  }

  /** Looks for another configuration, and for other models. */
  async look(): Promise<void> {
    if (this.#machines === undefined) this.#followed.lookNow();
    else await this.#machines.carryOut({ action: 'look' });
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#runOne(signal);
  }

  async #runOne(signal: AbortSignal): Promise<void> {
    const configuration = (await this.#followed.start()) ?? NO_MACHINES;
    await withCleanup(async (closers) => {
      const ending = new AbortController();
      const machines = await this.#open(configuration, AbortSignal.any([signal, ending.signal]));
      closers.push(() => machines.close());
      this.#machines = machines;
      const running = machines.run();
      try {
        await this.#followed.follow(() => machines.isRunning, signal);
      } finally {
        ending.abort();
        await running;
        this.#machines = undefined;
      }
    });
  }
}
