import { randomUUID } from 'node:crypto';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import type { BrokerAccess } from '../hints/mqtt-hints.ts';
import type { LiveBroker, LiveMessage, LiveSubscription } from './live-broker.ts';

/** Who leaves a device waits for the first attempt. */
const CONNECT_MILLISECONDS = 5000;
/** Of a packet, which has a topic beside the live values. */
const LARGEST_PACKET = 2048;
/** Messages that wait to be read. */
const INBOX = { count: 256, bytes: 256 * LARGEST_PACKET };

/**
 * Live values by MQTT at QoS 0. Each device has a connection of its own for as long as somebody looks at it, so that a
 * flood in its name disturbs neither hints nor other devices. The hints say whether the broker is there.
 */
export class MqttLive implements LiveBroker {
  readonly #access: BrokerAccess;

  constructor(access: BrokerAccess) {
    this.#access = access;
  }

  follow(device: string, take: (message: LiveMessage) => void): LiveSubscription {
    const { url, ...access } = this.#access;
    const clientId = `spikewire-fleet-${randomUUID()}`;
    const random = new RandomGenerator(1, clientId);
    const own = `spikewire/fleet/${device}`;
    let link: MqttLink | undefined;
    const look = () => void link?.publish(`${own}/look`, '', { qos: 0 });
    const connecting = MqttLink.connect(url, {
      ...access,
      ...{ clientId, sessionExpiry: 0, firstFailure: 'retry', random: () => random.nextUniform() },
      ...{ connectTimeout: CONNECT_MILLISECONDS, maximumPacketBytes: LARGEST_PACKET, inbox: INBOX },
      subscriptions: [{ filter: `${own}/live/+`, qos: 0, optional: true, handler: take }],
    }).then(
      (connected) => {
        link = connected;
        look();
      },
      () => {}, // the address is wrong, which the hints say
    );
    return {
      look,
      async close() {
        await connecting;
        await link?.close();
      },
    };
  }
}
