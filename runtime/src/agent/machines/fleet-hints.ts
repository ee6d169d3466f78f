import { hostname } from 'node:os';
import { RandomGenerator } from '@spikewire/models';
import type { BrokerConfiguration } from '../../host/index.ts';
import { MqttLink } from '../../mqtt/link/link.ts';
import type { Member } from '../fleet/member.ts';

/** Whatever comes on it, all devices of the broker report within a few seconds. */
const GROUP_TOPIC = 'spikewire/fleet/hint';

/**
 * Lets a controller say by a broker that it has other orders: `spikewire/fleet/<device>/hint` makes the device report.
 * A hint is only a wish to be asked; nothing in it is read, and whatever is lost costs one interval.
 */
export function followHints(
  broker: BrokerConfiguration,
  member: Pick<Member, 'status' | 'hint'>,
  warn: (line: string) => void,
): Promise<MqttLink> {
  const { url, username, password, tls } = broker;
  const { device } = member.status;
  const random = new RandomGenerator(1, `hints ${device}`);
  const shared = { qos: 0, optional: true } as const;
  return MqttLink.connect(url, {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    ...{ clientId: `spikewire-${hostname()}-${device.slice(0, 8)}`, sessionExpiry: 0, firstFailure: 'retry' },
    random: () => random.nextUniform(),
    subscriptions: [
      { ...shared, filter: `spikewire/fleet/${device}/hint`, handler: () => member.hint() },
      { ...shared, filter: GROUP_TOPIC, handler: () => member.hint(true) },
    ],
    onWarning: warn,
  });
}
