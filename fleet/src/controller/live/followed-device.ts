import type { LiveValues } from 'spikewire/agent';
import type { BrokerMessage, LiveBroker, LiveSubscription } from './live-broker.ts';
import { machineIn, readLive } from './live-message.ts';

/** Of one controller since its start. */
export interface LiveCounts {
  taken: number;
  dropped: number;
  /** That somebody looks at now. */
  devices: number;
}

/** Told of the newest values of machines. */
export type LiveListener = (machines: ReadonlyMap<string, LiveValues>) => void;

/** Well within the 15 s for which a device believes that somebody looks. */
const LOOK_MILLISECONDS = 5000;
/** For which messages are gathered before listeners are told. */
const GATHER_MILLISECONDS = 500;
/** In that time: twice what a device with as many machines says in a second. Others are dropped unread. */
const MOST_MACHINES = 64;
const MOST_MESSAGES = 2 * MOST_MACHINES;

/** A device that somebody looks at, and what it said since its listeners were told. */
export class FollowedDevice {
  readonly listeners = new Set<LiveListener>();
  readonly #counts: LiveCounts;
  readonly #subscription: LiveSubscription;
  readonly #looking: NodeJS.Timeout;
  #machines = new Map<string, LiveValues>();
  #messages = 0;
  #telling: NodeJS.Timeout | undefined;

  constructor(device: string, broker: LiveBroker, counts: LiveCounts) {
    this.#counts = counts;
    this.#subscription = broker.follow(device, (message) => this.#take(message));
    this.#subscription.look();
    this.#looking = setInterval(() => this.#subscription.look(), LOOK_MILLISECONDS);
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    clearTimeout(this.#telling);
    await this.#subscription.close();
  }

  #take(message: BrokerMessage): void {
    this.#telling ??= setTimeout(() => this.#tell(), GATHER_MILLISECONDS);
    if (++this.#messages <= MOST_MESSAGES && this.#read(message)) this.#counts.taken++;
    else this.#counts.dropped++;
  }

  /** Whether it has live values. A device keeps none at the broker. */
  #read({ topic, payload, retain }: BrokerMessage): boolean {
    const machine = machineIn(topic);
    if (machine === undefined || retain) return false;
    if (this.#machines.size >= MOST_MACHINES && !this.#machines.has(machine)) return false;
    const values = readLive(payload);
    if (values !== undefined) this.#machines.set(machine, values);
    return values !== undefined;
  }

  #tell(): void {
    const machines = this.#machines;
    [this.#machines, this.#messages, this.#telling] = [new Map(), 0, undefined];
    if (machines.size > 0) for (const listener of this.listeners) listener(machines);
  }
}
