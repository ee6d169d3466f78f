import { setTimeout as delay } from 'node:timers/promises';
import { describeValue, printableLine, SpikewireError } from '@spikewire/models';
import type { connect } from 'mqtt';
import { Audit } from '../../desk/audit.ts';
import { backoffDelay } from './backoff.ts';
import { type BrokerAddress, parseBrokerAddress } from './broker-address.ts';
import { ConnectionFailure, MqttConnection, type MqttVersion } from './connection.ts';
import { MqttInbox, type Turn } from './inbox.ts';
import {
  LINK_DEFAULTS,
  type LinkCounters,
  type LinkSettings,
  type LinkState,
  type MessageHandler,
  type MqttLinkOptions,
  type Subscription,
  type Turns,
} from './link-options.ts';
import { type MqttMessage, messageBytes, type PublishOptions } from './message.ts';
import { MqttOutbox, topicError } from './outbox.ts';
import { isSendable, isTopic, isTopicFilter, LONGEST_TEXT, levelsMatch, levelsOf } from './topic-filter.ts';

export type { MqttVersion, TlsOptions } from './connection.ts';
export type {
  LinkCounters,
  LinkState,
  MessageHandler,
  MqttLinkOptions,
  StatusTopic,
  Subscription,
  Turns,
} from './link-options.ts';
export type { MqttMessage, MqttProperties, PublishOptions } from './message.ts';

interface ActiveSubscription {
  readonly handler: MessageHandler;
  readonly qos: 0 | 1;
  readonly onLost: (topic: string) => void;
  readonly turns: Turns | undefined;
  readonly optional: boolean;
  readonly levels: readonly string[];
  /** The broker knows it, in the present session. */
  established: boolean;
}

const VERSIONS: readonly MqttVersion[] = ['5', '3.1.1'];

/** A connection that lasted this long, in milliseconds, ends a series of failures. */
const STABLE = 5000;

/** Different lines of warning that are given until a connection comes or goes. */
const MAXIMUM_WARNINGS = 20;

/**
 * A lasting link to an MQTT broker, over however many connections that takes.
 *
 * At QoS 1 nothing is lost between two links through a broker that keeps its sessions: a message is acknowledged after
 * its handler is done (`MqttInbox`), a publication is kept until the broker has acknowledged it (`MqttOutbox`), and
 * both survive the loss of the connection. Duplicates are possible. Everything that waits, waits in bounded queues that
 * count their drops.
 *
 * @example
 * const link = await MqttLink.connect('mqtt://localhost', {
 *   clientId: 'mill-7',
 *   random: () => generator.nextUniform(),
 *   status: { topic: 'mills/7/status' },
 *   subscriptions: [{ filter: 'mills/7/vibration', handler: ({ payload }) => link.publish('mills/7/result',
 *   judge(payload)) }],
 * });
 */
export class MqttLink {
  readonly #address: BrokerAddress;
  readonly #settings: LinkSettings;
  readonly #mqttConnect: typeof connect;
  readonly #subscriptions = new Map<string, ActiveSubscription>();
  readonly #inbox: MqttInbox;
  readonly #outbox: MqttOutbox;
  readonly #ended = new AbortController();
  readonly #warned = new Set<string>();
  readonly #drops: Audit;
  #connection: MqttConnection | undefined;
  #connectedAt = 0;
  #connections = 0;
  #version: MqttVersion | undefined;
  #state: LinkState = 'waiting';
  /** The present connection is given up for the sake of the messages that come with the next. */
  #renewing = false;
  #unhandled = 0;
  #tooLarge = 0;
  #subscriptionRefused: SpikewireError | undefined;
  #running: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #onDone: () => void = () => {};

  /**
   * Connects to `mqtt://[user[:password]@]host[:port]` (or mqtts, ws, wss).
   *
   * @returns the link, connected, or, with `firstFailure: 'retry'`, perhaps still trying
   * @throws SpikewireError `usage` for a bad address or option, `link` when the first connection or one of its
   *   subscriptions fails
   */
  static async connect(url: string, options: MqttLinkOptions): Promise<MqttLink> {
    const address = parseBrokerAddress(url);
    const { connect: mqttConnect } = await import('mqtt');
    const link = new MqttLink(address, { ...LINK_DEFAULTS, ...options }, mqttConnect);
    await link.#start();
    return link;
  }

  private constructor(address: BrokerAddress, settings: LinkSettings, mqttConnect: typeof connect) {
    const { clientId, status, subscriptions, receiveMaximum, concurrent, inbox, outbox, maximumPacketBytes } = settings;
    if (typeof clientId !== 'string' || clientId === '') {
      throw new SpikewireError('usage', 'client id', 'empty', 'a name that stays the same over restarts');
    }
    if (!isSendable(clientId)) {
      const expected = `a name without control characters, of at most ${LONGEST_TEXT} bytes`;
      throw new SpikewireError('usage', 'client id', `is ${describeValue(clientId)}`, expected);
    }
    if (status && !isTopic(status.topic)) throw topicError(status.topic);
    this.#address = address;
    this.#settings = settings;
    this.#mqttConnect = mqttConnect;
    this.#drops = new Audit((line) => settings.onWarning(line, 'dropped'));
    for (const subscription of subscriptions) this.#addSubscription(subscription);
    this.#inbox = new MqttInbox({
      concurrent: Math.min(concurrent, receiveMaximum),
      capacity: inbox,
      onHandlerError: (error) =>
        this.#warn(`message handler failed: ${error instanceof Error ? error.message : error}`),
      onDone: () => this.#afterMessage(),
    });
    this.#outbox = new MqttOutbox({
      capacity: outbox,
      policy: outbox.policy,
      maximumPacketBytes,
      onWarning: (line) => this.#warn(line),
      onDropped: () => this.#drops.say('dropped', 'outbox full, messages are lost'),
      onDone: () => this.#onDone(),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The protocol version that the broker speaks; undefined before the first connection. */
  get version(): MqttVersion | undefined {
    return this.#version;
  }

  get counters(): LinkCounters {
    return {
      state: this.#state,
      version: this.#version,
      received: this.#inbox.received,
      published: this.#outbox.published,
      reconnects: Math.max(0, this.#connections - 1),
      handlerErrors: this.#inbox.failed,
      outbox: this.#outbox.size,
      inbox: this.#inbox.size,
      drained: this.#inbox.drained,
      crowded: this.#inbox.crowded,
      deferred: this.#inbox.deferred,
      dropped: {
        offline: this.#outbox.offline,
        congested: this.#outbox.congested,
        outboxFull: this.#outbox.overflowed,
        refused: this.#outbox.refused,
        inboxFull: this.#inbox.dropped,
        unhandled: this.#unhandled,
        tooLarge: this.#tooLarge,
        closed: this.#outbox.abandoned,
      },
    };
  }

  /**
   * Subscribes now, or with the next connection, and again whenever the broker has lost the session. What the broker
   * had kept for this filter while the process was down may have arrived before: see `MqttLinkOptions.subscriptions`.
   *
   * @throws SpikewireError `usage` for a malformed filter, `link` when the broker refuses
   */
  async subscribe(filter: string, handler: MessageHandler, qos: 0 | 1 = 1): Promise<void> {
    const subscription = this.#addSubscription({ filter, handler, qos });
    if (!this.#connection) return;
    const refusal = await this.#establish(this.#connection, filter, subscription).catch(() => undefined);
    if (refusal) throw refusal;
  }

  /** Ends a subscription; what is under way comes without a handler and is counted as such. */
  async unsubscribe(filter: string): Promise<void> {
    if (!this.#subscriptions.delete(filter)) return;
    await this.#connection?.unsubscribe(filter).catch(() => this.#warn(`subscription "${filter}": not ended`));
  }

  /**
   * Publishes a message. At QoS 1 (the default) it is kept until the broker has acknowledged it, through any number of
   * reconnections; the promise resolves then, and rejects when the message is dropped. Nobody has to look at the
   * promise: a drop is counted in any case.
   *
   * @param payload bytes, or text as UTF-8; not to be changed before the promise has settled
   */
  publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    const { qos = 1, retain = false, properties = {} } = options;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const published = this.#outbox.publish({ topic, payload: bytes, qos, retain, properties });
    published.catch(() => {});
    return published;
  }

  /**
   * Takes no more messages, waits until handlers and publications are done, says `disconnected` on the status topic and
   * leaves. What is not done within the time limit is given up: messages stay with the broker, publications are
   * rejected and counted.
   *
   * @param timeLimit milliseconds
   */
  close(timeLimit = 2000): Promise<void> {
    this.#closing ??= this.#shutDown(timeLimit);
    return this.#closing;
  }

  async #start(): Promise<void> {
    const failure = (await this.#attempt()) ?? this.#subscriptionRefused;
    this.#running = this.#stayConnected();
    if (!failure) return;
    if (this.#settings.firstFailure === 'throw') {
      await this.close();
      throw failure;
    }
    this.#warn(failure.message);
  }

  /** Lives until the link is closed: waits for the end of a connection, backs off, connects again. */
  async #stayConnected(): Promise<void> {
    const { signal } = this.#ended;
    const { backoff, random } = this.#settings;
    let attempt = 0;
    while (!signal.aborted) {
      if (this.#connection) {
        await this.#untilLost(this.#connection);
        if (performance.now() - this.#connectedAt > STABLE) attempt = 0;
      }
      if (!this.#renewing) {
        this.#setState('waiting');
        await delay(backoffDelay(attempt++, backoff, random), undefined, { signal }).catch(() => {});
      }
      this.#renewing = false;
      if (signal.aborted) return;
      const failure = await this.#attempt();
      if (failure && !signal.aborted) this.#warn(failure.message);
    }
  }

  async #untilLost(connection: MqttConnection): Promise<void> {
    const reason = await connection.closed;
    this.#disconnected();
    if (!this.#ended.signal.aborted && !this.#renewing) this.#warn(this.#failure(reason).message);
  }

  /** Tries once to connect; the first time with another protocol version where the broker does not take the newest. */
  async #attempt(): Promise<SpikewireError | undefined> {
    this.#setState('connecting');
    const wanted = this.#settings.version === 'auto' ? this.#version : this.#settings.version;
    let failure = new ConnectionFailure('no connection');
    for (const version of wanted ? [wanted] : VERSIONS) {
      try {
        await this.#open(version);
        return undefined;
      } catch (error) {
        if (!(error instanceof ConnectionFailure)) throw error;
        failure = error;
        if (error.versionRefused === 'no' || this.#ended.signal.aborted) break;
      }
    }
    if (failure.versionRefused === 'yes') this.#version = undefined;
    return this.#failure(failure);
  }

  /** @throws ConnectionFailure */
  async #open(version: MqttVersion): Promise<void> {
    const { username, password, status } = this.#settings;
    const settings = {
      ...this.#settings,
      address: this.#address,
      version,
      username: username ?? this.#address.username,
      password: password ?? this.#address.password,
      will: status && { topic: status.topic, payload: Buffer.from(status.lost ?? 'lost') },
    };
    const events = {
      onAccepted: (sessionPresent: boolean) => this.#accepted(sessionPresent, version),
      onMessage: this.#receive.bind(this),
      onTooLarge: this.#leaveBehind.bind(this),
    };
    const connection = await MqttConnection.open(this.#mqttConnect, settings, events, this.#ended.signal);
    this.#version = version;
    this.#connection = connection;
    this.#connectedAt = performance.now();
    this.#connections++;
    try {
      await this.#greet(connection);
    } catch (error) {
      this.#disconnected();
      throw error;
    }
    this.#setState('connected');
    this.#warned.clear();
    this.#outbox.connected(connection);
  }

  #accepted(sessionPresent: boolean, version: MqttVersion): void {
    // How many a broker for MQTT 3.1.1 sends ahead is its own business.
    this.#inbox.connected(sessionPresent, version === '5' ? this.#settings.receiveMaximum : undefined);
    if (sessionPresent) return;
    for (const subscription of this.#subscriptions.values()) subscription.established = false;
  }

  /** Subscribes to what the broker does not know yet and says `ready`. @throws ConnectionFailure */
  async #greet(connection: MqttConnection): Promise<void> {
    for (const [filter, subscription] of this.#subscriptions) {
      const refusal = subscription.established ? undefined : await this.#establish(connection, filter, subscription);
      if (!refusal || subscription.optional) continue;
      this.#subscriptionRefused = refusal;
      this.#warn(refusal.message);
    }
    if (this.#settings.status) void this.#say(connection, this.#settings.status.ready ?? 'ready');
    if (this.#ended.signal.aborted) {
      connection.destroy();
      throw await connection.closed;
    }
  }

  /** @throws ConnectionFailure */
  async #establish(
    connection: MqttConnection,
    filter: string,
    subscription: ActiveSubscription,
  ): Promise<SpikewireError | undefined> {
    const refusal = await connection.subscribe(filter, subscription.qos).catch((failure) => {
      if (subscription.optional) this.#subscriptions.delete(filter);
      throw failure;
    });
    subscription.established = refusal === undefined;
    if (refusal === undefined) return undefined;
    return new SpikewireError('link', `subscription "${filter}"`, `refused by the broker: ${refusal}`);
  }

  #disconnected(): void {
    this.#connection = undefined;
    this.#inbox.disconnected();
    this.#outbox.disconnected();
    this.#warned.clear();
  }

  #addSubscription({
    filter,
    handler,
    qos = 1,
    onLost = () => {},
    turns,
    optional = false,
  }: Subscription): ActiveSubscription {
    if (!isTopicFilter(filter)) {
      throw new SpikewireError('usage', `subscription "${filter}"`, 'not a topic filter', 'levels, + or a final #');
    }
    const subscription = { handler, qos, onLost, turns, optional, levels: levelsOf(filter), established: false };
    this.#subscriptions.set(filter, subscription);
    return subscription;
  }

  #receive(message: MqttMessage, identifier: number | undefined, acknowledge: () => void): void {
    const subscriptions = this.#subscriptionsOf(message.topic);
    if (subscriptions.length === 0) {
      this.#unhandled++;
      this.#warn(`${this.#shown(message)}: no handler; it comes from a subscription of an earlier process`);
    }
    const handle =
      subscriptions.length === 1
        ? () => subscriptions[0]!.handler(message)
        : async () => void (await Promise.all(subscriptions.map(async ({ handler }) => handler(message))));
    const turn = turnOf(message, subscriptions);
    const isLost = this.#inbox.receive(identifier, message.duplicate, messageBytes(message), handle, acknowledge, turn);
    if (!isLost) return;
    this.#sayLost();
    for (const { onLost } of subscriptions) onLost(message.topic);
  }

  /** After 1, 2, 4, …: a flood is to be seen in the log, and not to fill it. */
  #sayLost(): void {
    const { dropped } = this.#inbox;
    if ((dropped & (dropped - 1)) === 0) this.#drops.say('dropped', `inbox full, lost so far at QoS 0: ${dropped}`);
  }

  /** It is acknowledged in its turn, or the broker would send it for ever. */
  #leaveBehind(message: MqttMessage, bytes: number, identifier: number | undefined, acknowledge: () => void): void {
    const { maximumPacketBytes } = this.#settings;
    this.#tooLarge++;
    this.#warn(`${this.#shown(message)}: a message of ${bytes} bytes dropped; expected at most ${maximumPacketBytes}`);
    this.#inbox.receive(identifier, message.duplicate, messageBytes(message), () => {}, acknowledge);
  }

  #shown({ topic }: MqttMessage): string {
    return this.#settings.isPrintable(topic) ? `topic "${topic}"` : 'a topic with the secret in its name';
  }

  #subscriptionsOf(topic: string): ActiveSubscription[] {
    const levels = topic.split('/');
    const found: ActiveSubscription[] = [];
    for (const subscription of this.#subscriptions.values()) {
      if (levelsMatch(subscription.levels, levels)) found.push(subscription);
    }
    return found;
  }

  #afterMessage(): void {
    if (this.#connection && this.#inbox.leftBehind && this.#inbox.size === 0 && !this.#closing && !this.#renewing) {
      this.#renewing = true;
      void this.#connection.end();
    }
    this.#onDone();
  }

  /** Resolves when the broker has the status or the connection is gone. */
  async #say(connection: MqttConnection, text: string): Promise<void> {
    const { topic } = this.#settings.status!;
    const said = new Promise<void>((resolve) => {
      const message = { topic, payload: Buffer.from(text), qos: 1, retain: true, properties: {} } as const;
      connection.publish(message, false, (error) => {
        if (error) this.#warn(`status topic "${topic}": refused by the broker: ${error.message}`);
        resolve();
      });
    });
    await Promise.race([said, connection.closed]);
  }

  async #shutDown(timeLimit: number): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#connection?.destroy();
      this.#onDone();
    }, timeLimit);
    this.#inbox.stop();
    while (!late && (this.#inbox.size > 0 || this.#outbox.size > 0)) {
      await new Promise<void>((resolve) => {
        this.#onDone = resolve;
      });
    }
    const connection = this.#connection;
    if (connection && this.#settings.status && !late) {
      await this.#say(connection, this.#settings.status.disconnected ?? 'disconnected');
    }
    this.#setState('closed');
    this.#ended.abort();
    await connection?.end();
    await this.#running;
    clearTimeout(timer);
    this.#outbox.close();
    this.#drops.close();
  }

  #setState(state: LinkState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#settings.onState(state);
  }

  #failure(failure: ConnectionFailure): SpikewireError {
    return new SpikewireError('link', `broker ${this.#address.shown}`, failure.message, failure.expected);
  }

  /** Topics and errors come from outside: they may not break the line nor fill a log. */
  #warn(text: string): void {
    const line = printableLine(text);
    if (this.#warned.has(line) || this.#warned.size >= MAXIMUM_WARNINGS) return;
    this.#warned.add(line);
    this.#settings.onWarning(line, 'link');
  }
}

/** Whose turn a message waits for, as the first of its subscriptions that cares says it. */
function turnOf(message: MqttMessage, subscriptions: readonly ActiveSubscription[]): Turn | undefined {
  const turns = subscriptions.find((subscription) => subscription.turns !== undefined)?.turns;
  if (turns === undefined) return undefined;
  const key = turns.keyOf(message.topic);
  return { key, isNewcomer: () => turns.isNewcomer(key), refuse: () => turns.refuse(message) };
}
