import { createRequire } from 'node:module';
import { connect, type MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { internalsOf, MQTT_INTERNALS } from './internals.ts';

const { version } = createRequire(import.meta.url)('mqtt/package.json') as { version: string };
const client = connect('mqtt://127.0.0.1', { manualConnect: true });
const members = Object.entries(MQTT_INTERNALS);

describe(`MQTT.js ${version}`, () => {
  it.each(members)(`still has %s, a %s, which its documentation does not promise`, (name, type) => {
    expect(typeof client[name as keyof MqttClient], `mqtt ${version} has no ${name}: see mqtt-internals.ts`).toBe(type);
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
