import type { BrokerAccess } from 'spikewire/cli';
import type { LinkState, MqttLink } from 'spikewire/mqtt';
import { connectBroker } from '../broker/connect-broker.ts';
import type { HintBroker } from './hints.ts';

/** Hints by MQTT at QoS 0, without anything retained. It warns once each time the broker is gone. */
export class MqttHints implements HintBroker {
  readonly #connecting: Promise<MqttLink | undefined>;
  readonly #warn: (line: string) => void;
  #link: MqttLink | undefined;
  #hasWarned = false;

  constructor(access: BrokerAccess, warn: (line: string) => void) {
    this.#warn = warn;
    this.#connecting = connectBroker(access, {
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
