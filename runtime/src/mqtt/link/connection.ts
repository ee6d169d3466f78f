import { Socket } from 'node:net';
import type { connect, IConnackPacket, IPublishPacket, MqttClient } from 'mqtt';
import type { BrokerAddress } from './broker-address.ts';
import { acknowledgeLater, countBytesAsLife, endAtOnce, siftPackets } from './internals.ts';
import type { MqttMessage, MqttProperties, OutgoingMessage } from './message.ts';
import { PacketSieve } from './packet-sieve.ts';

export type MqttVersion = '5' | '3.1.1';

/** Certificates and keys in PEM. */
export interface TlsOptions {
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Default true. */
  readonly rejectUnauthorized?: boolean;
}

export interface ConnectionSettings {
  readonly address: BrokerAddress;
  readonly version: MqttVersion;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: TlsOptions;
  /** Seconds. */
  readonly keepAlive: number;
  /** Seconds; MQTT 3.1.1 has no limit. */
  readonly sessionExpiry: number;
  /** Milliseconds until the broker must have accepted. */
  readonly connectTimeout: number;
  /** Messages that the broker may send without an acknowledgement. */
  readonly receiveMaximum: number;
  /** Messages that may be sent without an acknowledgement; the broker may allow fewer. */
  readonly sendMaximum: number;
  /** Of larger messages only the topic arrives. */
  readonly maximumPacketBytes: number;
  readonly will: { readonly topic: string; readonly payload: Uint8Array } | undefined;
}

export interface ConnectionEvents {
  /** The broker has accepted; no message has arrived yet. */
  readonly onAccepted: (sessionPresent: boolean) => void;
  readonly onMessage: (message: MqttMessage, identifier: number | undefined, acknowledge: () => void) => void;
  /** A message of `bytes` was too large; this one has its topic and no payload. */
  readonly onTooLarge: (
    message: MqttMessage,
    bytes: number,
    identifier: number | undefined,
    acknowledge: () => void,
  ) => void;
}

/** Why there is no connection (any more). */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure';
  readonly expected: string | undefined;
  /** Whether the broker refused the protocol version. Some brokers just hang up, hence `perhaps`. */
  readonly versionRefused: 'yes' | 'perhaps' | 'no';

  constructor(problem: string, expected?: string, versionRefused: 'yes' | 'perhaps' | 'no' = 'no') {
    super(problem);
    this.expected = expected;
    this.versionRefused = versionRefused;
  }
}

/** Bytes written but not yet taken by the operating system, above which QoS 0 messages are not sent. */
const CONGESTION_BYTES = 1 << 20;

/** Milliseconds for which a broker may leave its side open after our good-bye. */
const HANG_UP_AFTER = 1000;

/**
 * One connection to a broker, from CONNECT until the socket closes. It uses MQTT.js for the protocol and for nothing
 * else: what must outlive a connection (queues, subscriptions, back-off) is the link's.
 */
export class MqttConnection {
  readonly version: MqttVersion;
  readonly sessionPresent: boolean;
  /** Messages that may be under way at the same time. */
  readonly sendMaximum: number;
  /** The largest packet that the broker takes, in bytes. */
  readonly maximumPacketBytes: number;
  /** Settles with the reason when the connection is gone, however that came. */
  readonly closed: Promise<ConnectionFailure>;
  readonly #client: MqttClient;

  /** Resolves when the broker has accepted. @throws ConnectionFailure */
  static async open(
    mqttConnect: typeof connect,
    settings: ConnectionSettings,
    events: ConnectionEvents,
    signal: AbortSignal,
  ): Promise<MqttConnection> {
    const client = mqttConnect(clientOptions(settings));
    const sieve = new PacketSieve(settings.maximumPacketBytes, settings.version);
    siftPackets(client, sieve);
    countBytesAsLife(client, sieve);
    handMessages(client, sieve, events);
    client.connect();
    sendAtOnce(client);
    const abort = () => client.end(true);
    signal.addEventListener('abort', abort, { once: true });
    const closed = closeReason(client, settings);
    if (signal.aborted) abort();
    const connack = await Promise.race([accepted(client, events), closed]);
    signal.removeEventListener('abort', abort);
    if (connack instanceof ConnectionFailure) throw connack;
    return new MqttConnection(client, settings, connack, closed);
  }

  private constructor(
    client: MqttClient,
    settings: ConnectionSettings,
    connack: IConnackPacket,
    closed: Promise<ConnectionFailure>,
  ) {
    this.#client = client;
    this.version = settings.version;
    this.sessionPresent = connack.sessionPresent;
    this.sendMaximum = Math.min(settings.sendMaximum, connack.properties?.receiveMaximum ?? Number.POSITIVE_INFINITY);
    this.maximumPacketBytes = Math.min(
      settings.maximumPacketBytes,
      connack.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    );
    this.closed = closed;
  }

  /** Whether so much is waiting for the network that more should not be written. */
  get congested(): boolean {
    return this.#client.stream.writableLength > CONGESTION_BYTES;
  }

  /**
   * @param again it may have reached the broker before
   * @param done called without error when the broker has acknowledged (QoS 1) or the message is written (QoS 0), with
   * one
   *   when it was refused; not called at all when the connection is lost before a message of QoS 1 was acknowledged
   */
  publish(message: OutgoingMessage, again: boolean, done: (error?: Error) => void): void {
    const { topic, payload, qos, retain, properties } = message;
    const options = { qos, retain, dup: again, properties: propertiesOut(properties) };
    this.#client.publish(topic, asBuffer(payload), options, (error) => {
      if (!error) done();
      else if (qos === 0 || isRefusal(error)) done(error);
    });
  }

  /**
   * @returns what the broker said when it refused
   * @throws ConnectionFailure when the connection is lost before the answer
   */
  async subscribe(filter: string, qos: 0 | 1): Promise<string | undefined> {
    try {
      await this.#client.subscribeAsync(filter, { qos });
      return undefined;
    } catch (error) {
      const { message, packet } = error as Error & { packet?: unknown };
      if (packet === undefined) throw await this.closed;
      return message.replace(/^Subscribe error: /, '').toLowerCase();
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    await this.#client.unsubscribeAsync(filter);
  }

  /** Says good-bye, so that the broker does not publish the last will. */
  async end(): Promise<void> {
    endAtOnce(this.#client);
    const timer = setTimeout(() => this.destroy(), HANG_UP_AFTER);
    await this.closed;
    clearTimeout(timer);
  }

  /** Cuts the connection without a word; the broker publishes the last will. */
  destroy(): void {
    this.#client.end(true);
    this.#client.stream.destroy();
  }
}

function clientOptions(settings: ConnectionSettings) {
  const { address, tls } = settings;
  return {
    protocol: address.scheme,
    host: address.host,
    port: address.port,
    path: address.path,
    clientId: settings.clientId,
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ...(tls.ca === undefined ? {} : { ca: asText(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: asText(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: asText(tls.key) }),
    rejectUnauthorized: tls.rejectUnauthorized ?? true,
    protocolVersion: settings.version === '5' ? (5 as const) : (4 as const),
    clean: false,
    keepalive: settings.keepAlive,
    connectTimeout: settings.connectTimeout,
    reconnectPeriod: 0,
    manualConnect: true,
    resubscribe: false,
    // A timer that is set anew with each packet costs more than a ping that was not needed.
    reschedulePings: false,
    queueQoSZero: false,
    // MQTT.js would write whole packets, the password among them, where DEBUG asks for it.
    log: () => {},
    ...(settings.version === '5'
      ? {
          properties: {
            sessionExpiryInterval: settings.sessionExpiry,
            receiveMaximum: settings.receiveMaximum,
            maximumPacketSize: settings.maximumPacketBytes,
          },
        }
      : {}),
    ...(settings.will
      ? {
          will: { topic: settings.will.topic, payload: asBuffer(settings.will.payload), qos: 1 as const, retain: true },
        }
      : {}),
  };
}

/** Small packets that wait for company cost up to 40 ms each where the broker delays its TCP acknowledgements. */
function sendAtOnce(client: MqttClient): void {
  const { stream } = client;
  if (stream instanceof Socket) stream.setNoDelay(true);
}

/** Hands messages over as they come, those that the sieve has cut as such. */
function handMessages(client: MqttClient, sieve: PacketSieve, events: ConnectionEvents): void {
  let publishes = 0;
  acknowledgeLater(client, (packet, acknowledge) => {
    publishes++;
    const identifier = packet.qos === 1 ? packet.messageId : undefined;
    const cut = sieve.cut[0]?.publish === publishes ? sieve.cut.shift() : undefined;
    if (cut === undefined) events.onMessage(messageOf(packet), identifier, acknowledge);
    else events.onTooLarge(messageOf(packet), cut.bytes, identifier, acknowledge);
  });
}

function accepted(client: MqttClient, events: ConnectionEvents): Promise<IConnackPacket> {
  return new Promise((resolve) => {
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack' && !packet.returnCode && !packet.reasonCode) {
        events.onAccepted(packet.sessionPresent);
      }
    });
    client.once('connect', resolve);
  });
}

function closeReason(client: MqttClient, settings: ConnectionSettings): Promise<ConnectionFailure> {
  return new Promise((resolve) => {
    let reason: ConnectionFailure | undefined;
    let wasAccepted = false;
    client.once('connect', () => {
      wasAccepted = true;
    });
    client.on('disconnect', (packet) => {
      reason ??= failureOfCode(packet.reasonCode ?? 0) ?? new ConnectionFailure('ended by the broker');
    });
    client.on('error', (error) => {
      reason ??= failureOf(error, settings);
      client.end(true);
    });
    client.on('close', () => {
      reason ??= new ConnectionFailure(
        'connection closed',
        wasAccepted ? undefined : RUNNING,
        wasAccepted ? 'no' : 'perhaps',
      );
      resolve(reason);
    });
  });
}

const RUNNING = 'a running MQTT broker at this address (--mqtt)';
const CREDENTIALS = 'a user name and password that the broker knows';

/** Refusals of a CONNECT and reasons of a DISCONNECT (MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2 and §3.14.2.1). */
function failureOfCode(code: number): ConnectionFailure | undefined {
  switch (code) {
    case 1:
    case 132:
      return new ConnectionFailure('protocol version refused', 'a broker for MQTT 5 or 3.1.1', 'yes');
    case 2:
    case 133:
      return new ConnectionFailure('client identifier refused', 'another client id');
    case 3:
    case 136:
    case 137:
      return new ConnectionFailure('broker not available');
    case 4:
    case 134:
      return new ConnectionFailure('wrong user name or password', CREDENTIALS);
    case 5:
    case 135:
      return new ConnectionFailure('not authorized', CREDENTIALS);
    case 139:
      return new ConnectionFailure('broker is shutting down');
    case 142:
      return new ConnectionFailure('another client took over the session', 'a client id that no other client uses');
    case 149:
      return new ConnectionFailure('packet too large');
    default:
      return undefined;
  }
}

/** The broker's answer carries a reason code; MQTT.js's own complaints about a connection that ends do not. */
function isRefusal(error: Error): boolean {
  return typeof (error as { code?: unknown }).code === 'number';
}

function failureOf(error: Error & { code?: unknown }, settings: ConnectionSettings): ConnectionFailure {
  const { code } = error;
  if (typeof code === 'number') return failureOfCode(code) ?? new ConnectionFailure(error.message);
  if (error.message === 'connack timeout') {
    return new ConnectionFailure(`no answer within ${settings.connectTimeout / 1000} s`, RUNNING);
  }
  switch (code) {
    case 'ECONNREFUSED':
      return new ConnectionFailure('connection refused', RUNNING);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionFailure('host not found', 'a host name that resolves, or an address');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new ConnectionFailure('host unreachable', RUNNING);
    case 'ETIMEDOUT':
      return new ConnectionFailure('no answer', RUNNING);
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return new ConnectionFailure('its certificate is not signed by a known authority', 'certificates by --mqtt-ca');
    case 'ECONNRESET':
    case 'EPIPE':
      return new ConnectionFailure('connection reset', undefined, 'perhaps');
    default:
      return new ConnectionFailure(error.message);
  }
}

function messageOf(packet: IPublishPacket): MqttMessage {
  return {
    topic: packet.topic,
    payload: packet.payload as Buffer,
    retain: packet.retain,
    duplicate: packet.dup,
    qos: packet.qos === 1 ? 1 : 0,
    properties: packet.properties ? propertiesIn(packet.properties) : {},
  };
}

function propertiesIn(properties: NonNullable<IPublishPacket['properties']>): MqttProperties {
  const { contentType, responseTopic, correlationData, messageExpiryInterval, userProperties } = properties;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
    ...(messageExpiryInterval === undefined ? {} : { messageExpiryInterval }),
    ...(userProperties === undefined ? {} : { userProperties }),
  };
}

function propertiesOut(properties: MqttProperties): NonNullable<IPublishPacket['properties']> {
  const { correlationData, userProperties, ...texts } = properties;
  return {
    ...texts,
    ...(correlationData === undefined ? {} : { correlationData: asBuffer(correlationData) }),
    ...(userProperties === undefined ? {} : { userProperties: { ...userProperties } as Record<string, string> }),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asText(pem: string | Uint8Array): string {
  return typeof pem === 'string' ? pem : Buffer.from(pem).toString();
}
