import { SpikewireError } from '@spikewire/models';
import type { IPublishPacket, MqttClient } from 'mqtt';
import type { PacketSieve } from './packet-sieve.ts';

/**
 * What this house uses of MQTT.js beyond its documented interface, all of it in this file; its documentation knows no
 * bound on a packet, no sign of life but a whole packet, and no DISCONNECT that does not wait. Another version may lack
 * a member, or use it otherwise, and would then lose messages rather than fail: so package.json names one version
 * exactly, and each member is looked for.
 */
export const MQTT_INTERNALS = {
  onKeepaliveTimeout: 'function',
  outgoing: 'object',
  reschedulePing: 'function',
  sendPing: 'function',
  streamBuilder: 'function',
} as const;

/** The members with their types, which MQTT.js partly keeps to itself. */
interface Internals {
  onKeepaliveTimeout(): void;
  outgoing: object;
  reschedulePing(force: boolean): void;
  sendPing(): void;
  streamBuilder(client: MqttClient): NodeJS.ReadableStream;
}

/** A piped stream's other end, as MQTT.js makes it. */
interface PacketReader {
  _write?(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error) => void): void;
}

/** @throws SpikewireError `link` when the installed version lacks a member. */
export function internalsOf(client: MqttClient): Internals {
  for (const [name, type] of Object.entries(MQTT_INTERNALS)) {
    if (typeof (client as unknown as Record<string, unknown>)[name] !== type) throw unfit(`no ${type} ${name}`);
  }
  return client as unknown as Internals;
}

function unfit(problem: string): SpikewireError {
  return new SpikewireError(
    'link',
    'the installed package mqtt',
    `has ${problem}`,
    'the version that package.json names',
  );
}

/** Has everything that the broker sends go through the sieve before MQTT.js, which collects a packet of any size. */
export function siftPackets(client: MqttClient, sieve: PacketSieve): void {
  const internals = internalsOf(client);
  const build = internals.streamBuilder.bind(client);
  internals.streamBuilder = (owner) => {
    const stream = build(owner);
    const { pipe } = stream;
    stream.pipe = (reader) => {
      sift(client, sieve, reader as PacketReader);
      writeTogether(client, reader as PacketReader);
      return pipe.call(stream, reader) as typeof reader;
    };
    return stream;
  };
}

function sift(client: MqttClient, sieve: PacketSieve, reader: PacketReader): void {
  const write = reader._write;
  if (write === undefined) throw unfit('no _write where packets are read');
  reader._write = (chunk, encoding, done) => {
    try {
      const sifted = sieve.sift(chunk);
      if (sifted.length > 0) write.call(reader, sifted, encoding, done);
      else done();
    } catch (error) {
      client.emit('error', error as Error);
      done();
    }
  };
}

/**
 * MQTT.js hands packets over one by one, each in a turn of its own, and what is written in a turn becomes a write of
 * its own. With this, all that comes of what was read together is written together.
 */
function writeTogether(client: MqttClient, reader: PacketReader): void {
  const write = reader._write!;
  reader._write = (chunk, encoding, done) => {
    const { stream } = client;
    stream.cork();
    write.call(reader, chunk, encoding, (error) => {
      stream.uncork();
      done(error);
    });
  };
}

/**
 * MQTT.js takes a connection for dead when no packet came whole for half the keep-alive after its ping. A large packet
 * on a slow line takes longer, would end the connection, and come again with the next: whatever comes is a sign of
 * life.
 */
export function countBytesAsLife(client: MqttClient, sieve: PacketSieve): void {
  const internals = internalsOf(client);
  const ping = internals.sendPing.bind(client);
  const giveUp = internals.onKeepaliveTimeout.bind(client);
  let bytes = 0;
  internals.sendPing = () => {
    bytes = sieve.bytes;
    ping();
  };
  internals.onKeepaliveTimeout = () => {
    if (sieve.bytes === bytes) {
      giveUp();
    } else {
      internals.reschedulePing(true);
      internals.sendPing();
    }
  };
}

/** Made once, because an error's stack costs more than all the rest of taking a message. */
const ACKNOWLEDGED_LATER = Object.freeze(new Error('acknowledged later'));

/**
 * MQTT.js handles one packet at a time and takes the next only after `handleMessage` has called back; waiting there for
 * a handler that publishes would wait for ever, because the acknowledgement of that publication is one of the next
 * packets. Calling back with an error makes this version go on without acknowledging; the acknowledgement is sent when
 * it is due.
 */
export function acknowledgeLater(
  client: MqttClient,
  take: (packet: IPublishPacket, acknowledge: () => void) => void,
): void {
  client.handleMessage = (packet, next) => {
    const { messageId } = packet;
    const waits = packet.qos === 1 && messageId !== undefined;
    take(packet, () => {
      if (waits && client.connected) sendAcknowledgement(client, messageId);
    });
    if (waits) next(ACKNOWLEDGED_LATER);
    else next();
  };
}

/** PUBACK of success (MQTT 3.1.1 and 5 §3.4), with whatever else is written in this turn. */
function sendAcknowledgement({ stream }: MqttClient, identifier: number): void {
  stream.cork();
  stream.write(Buffer.of(0x40, 2, identifier >> 8, identifier & 0xff));
  process.nextTick(() => stream.uncork());
}

/** Says good-bye without waiting for what is not acknowledged: it never will be. */
export function endAtOnce(client: MqttClient): void {
  internalsOf(client).outgoing = {};
  client.end();
}
