import { hostname } from 'node:os';
import { RandomGenerator } from '@spikewire/models';
import type { BrokerConfiguration } from '../../host/index.ts';
import { MqttLink } from '../../mqtt/link/link.ts';
import { LivePublisher, type LivePublisherOptions } from '../fleet/live-publisher.ts';
import type { Member } from '../fleet/member.ts';

/** Whatever comes on it, all devices of the broker report within a few seconds. */
const GROUP_TOPIC = 'spikewire/fleet/hint';

export interface FleetHintsOptions {
  readonly member: Pick<Member, 'status' | 'hint'>;
  /** What people see when they look at the device. */
  readonly live: LivePublisherOptions['values'];
  readonly warn: (line: string) => void;
}

/**
 * Lets a controller say by a broker that it has other orders: `spikewire/fleet/<device>/hint` makes the device report.
 * A hint is only a wish to be asked; nothing in it is read, and whatever is lost costs one interval. The same holds for
 * `spikewire/fleet/<device>/look`, which makes it publish live values for a while.
 */
export async function followHints(
  broker: BrokerConfiguration,
  { member, live, warn }: FleetHintsOptions,
): Promise<{ close(): Promise<void> }> {
  const { url, username, password, tls } = broker;
  const { device } = member.status;
  const own = `spikewire/fleet/${device}`;
  const random = new RandomGenerator(1, `hints ${device}`);
  const shared = { qos: 0, optional: true } as const;
  let link: MqttLink | undefined;
  const publisher = new LivePublisher({
    values: live,
    publish: (machine, message) => void link?.publish(`${own}/live/${machine}`, message, { qos: 0 }),
  });
  link = await MqttLink.connect(url, {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    ...{ clientId: `spikewire-${hostname()}-${device.slice(0, 8)}`, sessionExpiry: 0, firstFailure: 'retry' },
    random: () => random.nextUniform(),
    subscriptions: [
      { ...shared, filter: `${own}/hint`, handler: () => member.hint() },
      { ...shared, filter: GROUP_TOPIC, handler: () => member.hint(true) },
      { ...shared, filter: `${own}/look`, handler: () => publisher.look() },
    ],
    onWarning: warn,
  });
  return {
    close() {
      publisher.close();
      return link.close();
    },
  };
}
