import { hostname } from 'node:os';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { SWITCHED_COMMANDS, type SwitchedCommand } from '../desk/access.ts';
import { BrokerDrops } from '../mqtt/broker-drops.ts';
import { announcement } from '../mqtt/home-assistant.ts';
import { parseBrokerAddress } from '../mqtt/link/broker-address.ts';
import { MqttLink } from '../mqtt/link/link.ts';
import { isTopic } from '../mqtt/link/topic-filter.ts';
import { OverloadWatch } from '../mqtt/overload.ts';
import type { Announcing } from '../mqtt/retained-messages.ts';
import { linkTopicOf } from '../mqtt/routes.ts';
import type { Stream } from '../mqtt/stream.ts';
import type { NetPool } from '../session/pool/net-pool.ts';
import type { BrokerConfiguration, HostConfiguration, StreamConfiguration } from './configuration.ts';
import { nameOf } from './key-checks.ts';
import type { Surroundings } from './surroundings.ts';

/** Between two looks at how much waits. */
const LOAD_LOOK_MS = 1000;

/** A link of a stream that is watched. */
export interface LinkedBroker {
  readonly link: MqttLink;
  close(): Promise<void>;
}

/**
 * A stream's side towards its broker: under which name it is there, how nets are announced, and whether it keeps up.
 */
export class BrokerSide {
  readonly drops = new BrokerDrops();
  readonly #stream: StreamConfiguration;
  readonly #broker: BrokerConfiguration;
  readonly #configuration: HostConfiguration;
  readonly #surroundings: Surroundings;

  constructor(
    stream: StreamConfiguration,
    broker: BrokerConfiguration,
    configuration: HostConfiguration,
    surroundings: Surroundings,
  ) {
    this.#stream = stream;
    this.#broker = broker;
    this.#configuration = configuration;
    this.#surroundings = surroundings;
  }

  /** The name of the session at the broker. */
  get #clientId(): string {
    const { clientId = `spikewire-${hostname()}-${this.#stream.in.replace(/[^A-Za-z0-9]+/g, '-')}` } = this.#broker;
    return clientId;
  }

  /**
   * How nets are announced to Home Assistant, where that is asked: without commands where these need a secret. Throws
   * `usage` where the prefix is no topic.
   */
  announcingOf(pool: NetPool): Announcing | undefined {
    const { homeAssistant: prefix } = this.#stream;
    if (prefix === undefined) return undefined;
    if (!isTopic(prefix)) {
      const where = nameOf('stream.homeAssistant', this.#surroundings.names ?? {});
      throw new SpikewireError('usage', where, `is "${prefix}"`, 'a topic such as homeassistant');
    }
    const routes = this.#stream;
    const { commands: listed = SWITCHED_COMMANDS } = this.#configuration.rules ?? {};
    const commands = new Set<SwitchedCommand>(this.#surroundings.secret === undefined ? listed : []);
    const linkTopic = linkTopicOf(routes);
    return {
      of: (key) => {
        const { model, takesNewClasses } = pool.shape; // another model may have come
        return announcement(key, { model, routes, prefix, linkTopic, commands, takesNewClasses });
      },
      found: { filter: `${prefix}/device/+/config`, owner: this.#clientId },
    };
  }

  /** Connects a stream with the broker, or keeps trying, and says what a person should know of it. */
  async connect(stream: Stream): Promise<LinkedBroker> {
    const { warn = () => {}, tell = () => {} } = this.#surroundings;
    const { url, username, password, tls } = this.#broker;
    // The jitter of the back-off must differ between devices, not be secret.
    const random = new RandomGenerator(this.#configuration.seed ?? 1, this.#clientId);
    const link = await MqttLink.connect(url, {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
      clientId: this.#clientId,
      random: () => random.nextUniform(),
      status: { topic: linkTopicOf(stream.routes) },
      onState: (state) => {
        if (state !== 'connected') return;
        tell(`connected to ${parseBrokerAddress(url).shown}`, 'link');
        stream.announceAgain();
      },
      subscriptions: [...stream.subscriptions, this.drops.subscription],
      firstFailure: 'retry',
      isPrintable: (topic) => stream.isPrintable(topic),
      onWarning: warn,
    });
    const watching = this.#watchLoad(link, warn);
    const close = () => {
      clearInterval(watching);
      return link.close();
    };
    return { link, close };
  }

  /**
   * Says when more messages come than are done, once a second at most, and what the broker drops whenever that doubles.
   */
  #watchLoad(link: MqttLink, warn: (line: string, kind: string) => void): NodeJS.Timeout {
    const watch = new OverloadWatch(this.#stream.qos ?? 1);
    let next = 1;
    return setInterval(() => {
      const { count } = this.drops;
      const line = watch.look(link.counters, count);
      if (line !== undefined) warn(line, 'overload');
      if (count === undefined || count < next) return;
      next = 2 * count;
      warn(`queues of the broker were full; messages that it has dropped so far, for all clients: ${count}`, 'broker');
    }, LOAD_LOOK_MS).unref();
  }
}
