import type { BrokerAccess } from 'spikewire/cli';
import type { MqttLink } from 'spikewire/mqtt';
import { connectBroker } from '../broker/connect-broker.ts';
import type { BrokerMessage, LiveBroker, LiveSubscription } from './live-broker.ts';

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

  follow(device: string, take: (message: BrokerMessage) => void): LiveSubscription {
    const own = `spikewire/fleet/${device}`;
    let link: MqttLink | undefined;
    const look = () => void link?.publish(`${own}/look`, '', { qos: 0 });
    const connecting = connectBroker(this.#access, {
      ...{ maximumPacketBytes: LARGEST_PACKET, inbox: INBOX },
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
