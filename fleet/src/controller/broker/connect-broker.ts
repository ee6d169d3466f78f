import { randomUUID } from 'node:crypto';
import { RandomGenerator } from '@spikewire/models';
import type { BrokerAccess } from 'spikewire/cli';
import { MqttLink, type MqttLinkOptions } from 'spikewire/mqtt';

/** A controller that ends waits for the first attempt. */
const CONNECT_MILLISECONDS = 5000;

/** Connects to a broker in the background, and again whenever it is gone, with a session that ends with the link. */
export function connectBroker(
  { url, ...access }: BrokerAccess,
  options: Pick<MqttLinkOptions, 'maximumPacketBytes' | 'inbox' | 'subscriptions' | 'onState' | 'onWarning'>,
): Promise<MqttLink> {
  const clientId = `spikewire-fleet-${randomUUID()}`;
  const random = new RandomGenerator(1, clientId);
  return MqttLink.connect(url, {
    ...{ ...access, ...options, clientId, sessionExpiry: 0, firstFailure: 'retry' },
    ...{ random: () => random.nextUniform(), connectTimeout: CONNECT_MILLISECONDS },
  });
}
