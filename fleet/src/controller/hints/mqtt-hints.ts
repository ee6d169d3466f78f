import { randomUUID } from 'node:crypto';
import { RandomGenerator } from '@spikewire/models';
import { type LinkState, MqttLink, type TlsOptions } from 'spikewire/mqtt';
import type { HintBroker } from './hints.ts';

/** A broker, and as whom to talk to it. */
export interface BrokerAccess {
  /** Such as `mqtt://localhost:1883`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsOptions;
}

/** A controller that ends waits for the first attempt. */
const CONNECT_MILLISECONDS = 5000;

/**
 * Hints by MQTT at QoS 0, without anything retained. It connects in the background, and again whenever the broker is
 * gone, which it says once for each time.
 */
export class MqttHints implements HintBroker {
  readonly #connecting: Promise<MqttLink | undefined>;
  readonly #warn: (line: string) => void;
  #link: MqttLink | undefined;
  #hasWarned = false;

  constructor({ url, ...access }: BrokerAccess, warn: (line: string) => void) {
    this.#warn = warn;
    const clientId = `spikewire-fleet-${randomUUID()}`;
    const random = new RandomGenerator(1, clientId);
    this.#connecting = MqttLink.connect(url, {
      ...access,
      ...{ clientId, sessionExpiry: 0, firstFailure: 'retry', random: () => random.nextUniform() },
      connectTimeout: CONNECT_MILLISECONDS,
      onState: (state) => this.#note(state),
      onWarning: (line) => this.#say(line),
    }).catch((failure: Error) => this.#say(failure.message));
    void this.#connecting.then((link) => {
      this.#link = link;
    });
  }

  get isConnected(): boolean {
    return this.#link?.state === 'connected';
  }

  async hint(device: string): Promise<void> {
    await this.#link?.publish(`spikewire/fleet/${device}/hint`, '', { qos: 0 });
  }

  async close(): Promise<void> {
    await (await this.#connecting)?.close();
  }

  #note(state: LinkState): void {
    if (state === 'connected') this.#hasWarned = false;
  }

  #say(line: string): undefined {
    if (!this.#hasWarned) this.#warn(`${line}; devices get no hints until the broker answers, and ask as usual`);
    this.#hasWarned = true;
  }
}
