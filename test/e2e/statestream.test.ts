import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, runCommand, startCommand, until } from './command.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

const random = new RandomGenerator(3, 'test');
let folder: string;
let broker: Mosquitto | undefined;
let home: MqttLink;
let commands: RunningCommand[];

beforeEach(async (context) => {
  needs(context, 'mosquitto');
  folder = await mkdtemp(join(tmpdir(), 'spikewire-statestream-'));
  commands = [];
  broker = (await startMosquitto())!;
  home = await MqttLink.connect(broker.url, { clientId: 'home', random: () => random.nextUniform() });
});

afterEach(async () => {
  await home?.close();
  await killAll(commands ?? []);
  await broker?.close();
  broker = undefined;
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** As Home Assistant does it: an entity has a topic for its state, which the broker keeps. */
const say = (entity: string, state: string, topic = 'state') =>
  home.publish(`homeassistant/${entity.replace('.', '/')}/${topic}`, state, { retain: true });

async function watch(channels: string, ...words: string[]): Promise<RunningCommand> {
  const made = await runCommand(['new', 'anomaly', '--channels', channels, '--out', 'm.spike'], folder);
  expect(made.code).toBe(0);
  const place = ['--mqtt', broker!.url, '--profile', 'statestream'];
  const command = startCommand(['run', 'm.spike', '--learn', ...place, ...words], folder);
  commands.push(command);
  await command.says(/running m\.spike.*\(MQTT/);
  return command;
}

/** Results as they come, by their topics. */
async function results(filter: string): Promise<{ topic: string; seq: number }[]> {
  const heard: { topic: string; seq: number }[] = [];
  await home.subscribe(filter, ({ topic, payload }) => {
    const { seq } = JSON.parse(Buffer.from(payload).toString());
    if (seq !== undefined) heard.push({ topic, seq });
  });
  return heard;
}

it('makes readings of the states of several entities, those that were there before it too', async () => {
  await say('sensor.kitchen_temperature', '21.5');
  await say('sensor.kitchen_temperature', '"°C"', 'unit_of_measurement');
  await say('binary_sensor.window', 'off');
  const heard = await results('spikewire/home');
  const join = ['--in', 'homeassistant', '--join', '600', '--missing', 'skip', '--out', 'spikewire/home'];
  const run = await watch('kitchen_temperature,binary_sensor.window', ...join);
  // Whatever came first of the two that the broker kept.
  await say('sensor.kitchen_temperature', '21.6');
  await until(() => heard.length > 0);
  const before = heard.at(-1)!.seq;
  await say('binary_sensor.window', 'on');
  await say('binary_sensor.window', '2026-11-30T17:00:00+00:00', 'last_updated');
  await say('sensor.kitchen_temperature', '21.7');
  await say('binary_sensor.window', 'unavailable');
  await say('sensor.kitchen_temperature', '21.8');
  await say('binary_sensor.window', 'on');
  await say('sensor.kitchen_temperature', 'unknown');
  await say('sensor.kitchen_temperature', '21.9');
  await until(() => heard.at(-1)!.seq === before + 2);
  await home.publish('spikewire/home/command', 'status');
  expect(heard.map(({ seq }) => seq)).toEqual(Array.from({ length: before + 2 }, (_, k) => k + 1));
  expect(run.stderr()).not.toMatch(/error|expected/);
});

it('gives each sensor a net of its own', async () => {
  const heard = await results('spikewire/+');
  await watch('value', '--in', 'homeassistant/sensor/+/state', '--missing', 'skip', '--out', 'spikewire/+');
  for (const state of ['21.5', 'unavailable', '21.6']) {
    await say('sensor.kitchen', state);
    await say('sensor.bath', state);
  }
  const of = (name: string) => heard.filter(({ topic }) => topic === `spikewire/${name}`).map(({ seq }) => seq);
  await until(() => of('kitchen').length === 2 && of('bath').length === 2);
  expect([of('kitchen'), of('bath')]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});
