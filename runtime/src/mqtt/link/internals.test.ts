import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect, MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { acknowledgeLater, internalsOf, MQTT_INTERNALS, siftPackets } from './internals.ts';
import { PacketSieve } from './packet-sieve.ts';

const require = createRequire(import.meta.url);
const { version } = require('mqtt/package.json') as { version: string };
const { dependencies } = require('../../../package.json') as { dependencies: { mqtt: string } };
const client = connect('mqtt://127.0.0.1', { manualConnect: true });
const members = Object.entries(MQTT_INTERNALS);

describe(`MQTT.js ${version}`, () => {
  it('is the one version that package.json allows', () => {
    expect(dependencies.mqtt).toBe(version);
  });

  it.each(members)(`still has %s, a %s, which its documentation does not promise`, (name, type) => {
    expect(typeof client[name as keyof MqttClient], `mqtt ${version} has no ${name}: see internals.ts`).toBe(type);
  });

  it('does not connect before it is told to', () => {
    expect(client.stream, `mqtt ${version} connects in spite of manualConnect: packets come unsifted`).toBeUndefined();
  });
});

describe('internalsOf', () => {
  it.each(members)('says in one line that %s is missing', (missing, type) => {
    const lacking = Object.create(client, { [missing]: { value: undefined } }) as MqttClient;
    expect(() => internalsOf(lacking)).toThrow(
      `the installed package mqtt: has no ${type} ${missing}; expected the version that package.json names`,
    );
  });
});

it.each([false, true])('writes at once what comes of what was read at once; acknowledged later: %s', async (later) => {
  const written: Buffer[] = [];
  const line = new Duplex({
    read: () => {},
    writev(chunks, done) {
      written.push(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk))));
      done();
    },
  });
  const client = new MqttClient(() => line as never, { manualConnect: true, keepalive: 0 });
  siftPackets(client, new PacketSieve(1000, '3.1.1'));
  acknowledgeLater(client, (_, acknowledge) => {
    if (later) void Promise.resolve().then(acknowledge);
    else acknowledge();
  });
  client.connect();
  line.push(Buffer.of(0x20, 2, 0, 0));
  await nextTurn();
  written.length = 0;
  const messages = [1, 2, 300].map((identifier) => [0x32, 5, 0, 1, 0x61, identifier >> 8, identifier & 0xff]);
  // As a socket does: in a turn of its own.
  setImmediate(() => line.push(Buffer.from(messages.flat())));
  await nextTurn();
  await nextTurn();
  expect(written).toEqual([Buffer.of(0x40, 2, 0, 1, 0x40, 2, 0, 2, 0x40, 2, 1, 44)]);
  client.end(true);
});
