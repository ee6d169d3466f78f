import type { Subscription } from './link/link-options.ts';

/** Where mosquitto and those like it say, every ten seconds, how many messages they have dropped since they started. */
const TOPIC = '$SYS/broker/publish/messages/dropped';

/**
 * What a broker says of the messages that it had no room for: MQTT tells a receiver nothing of it. The figure is that
 * of all its clients.
 */
export class BrokerDrops {
  /** What the broker said last. */
  #said: number | undefined;
  #count = 0;

  /** Messages that it has dropped since it was first heard; undefined as long as it says nothing. */
  get count(): number | undefined {
    return this.#said === undefined ? undefined : this.#count;
  }

  /** Optional, because a broker may have no such topic or not let everybody read it. */
  get subscription(): Subscription {
    return { filter: TOPIC, qos: 0, optional: true, handler: ({ payload }) => this.take(payload) };
  }

  take(payload: Uint8Array): void {
    const said = Number(new TextDecoder().decode(payload) || Number.NaN);
    if (!Number.isSafeInteger(said) || said < 0) return;
    // A broker that was started anew counts from 0.
    if (this.#said !== undefined) this.#count += said >= this.#said ? said - this.#said : said;
    this.#said = said;
  }
}
