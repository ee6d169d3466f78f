import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nextReadingModel, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const random = new RandomGenerator(1, 'test');
let folder: string;
let broker: TestBroker | undefined;
let commands: RunningCommand[];
let links: MqttLink[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-flood-'));
  const model = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 50 });
  await writeFile(join(folder, 'level.spike'), writeModel(model));
  commands = [];
  links = [];
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.close()));
  await killAll(commands);
  await broker?.close();
  broker = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function connect(clientId: string): Promise<MqttLink> {
  const link = await MqttLink.connect(broker!.url, { clientId, random: () => random.nextUniform() });
  links.push(link);
  return link;
}

async function startRun(...more: string[]): Promise<RunningCommand> {
  const routes = ['--in', 'tank/+/level', '--out', 'tank/+/state'];
  const command = startCommand(['run', 'level.spike', '--mqtt', broker!.url, ...routes, '--learn', ...more], folder);
  commands.push(command);
  await command.says(/running level\.spike/);
  return command;
}

/** Publishes readings of new topics, so many a second, until it is stopped. */
function startFlood(sender: MqttLink, rate: number, topics: number) {
  const flood = { count: 0, isOver: false };
  const begun = performance.now();
  const running = (async () => {
    while (!flood.isOver) {
      const due = ((performance.now() - begun) / 1000) * rate;
      for (; flood.count < due; flood.count++) void sender.publish(`tank/new-${flood.count % topics}/level`, '1.5');
      await delay(5);
    }
  })();
  const stop = () => {
    flood.isOver = true;
    return running;
  };
  return { flood, stop };
}

describe('a flood of new topics', () => {
  it.for(['without a store', '--store learned'])('keeps no known sensor waiting, %s', async (how, context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto(['max_queued_messages 1000']);
    const answers = new Map<number, number>();
    const listener = await connect('listener');
    await listener.subscribe('tank/north/state', ({ payload }) => {
      answers.set(JSON.parse(Buffer.from(payload).toString()).t, performance.now());
    });
    await startRun('--nets', '20', ...(how.startsWith('--') ? how.split(' ') : []));
    const sensor = await connect('sensor');
    const say = (second: number) =>
      sensor.publish('tank/north/level', JSON.stringify({ t: 1e9 + second, values: [Math.sin(second)] }));
    for (let second = 0; second < 10; second++) await say(second);
    await until(() => answers.size === 10);
    const { flood, stop } = startFlood(await connect('flood'), 500, 5000);
    await until(() => flood.count > 1000);
    let longest = 0;
    for (let second = 10; second < 20; second++) {
      const said = performance.now();
      await say(second);
      const isAnswered = () => answers.has(1000 * (1e9 + second));
      await until(isAnswered);
      longest = Math.max(longest, performance.now() - said);
    }
    await stop();
    expect(longest).toBeLessThan(5000); // usually 0.1 s
    expect(answers.size).toBe(20);
  });

  it('is announced to nobody, and what was announced goes when its net is gone for good', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto(); // without limits: what it keeps comes to a subscriber all at once
    const listener = await connect('listener');
    let results = 0;
    await listener.subscribe('tank/north/state', ({ payload }) => {
      if (payload.length > 0) results++;
    });
    const options = ['--nets', '10', '--home-assistant', 'homeassistant', '--store', 'learned'];
    const run = await startRun(...options);
    const sender = await connect('sender');
    for (let k = 0; k < 10; k++) await sender.publish('tank/north/level', String(k));
    await until(() => results === 10);
    await Promise.all(Array.from({ length: 2000 }, (_, k) => sender.publish(`tank/new-${k}/level`, '1.5')));
    await sender.publish('tank/north/level', '11');
    await until(() => results === 11);
    expect(await retained()).toEqual({ configs: 1, statuses: 1, results: 1 });
    run.process.kill('SIGTERM');
    await run.ended;
    expect(await retained()).toEqual({ configs: 1, statuses: 1, results: 1 });
    await rm(join(folder, 'learned', 'north'), { recursive: true });
    await startRun(...options);
    await until(async () => (await retained()).configs === 0);
    expect(await retained()).toEqual({ configs: 0, statuses: 0, results: 0 });
  });
});

/** How many messages the broker keeps. */
async function retained() {
  const found = { configs: 0, statuses: 0, results: 0 };
  const link = await connect(`retained ${links.length}`);
  let isOver = false;
  await link.publish('end', 'x', { retain: true });
  for (const filter of ['homeassistant/#', 'tank/#', 'end']) {
    await link.subscribe(filter, ({ topic, retain }) => {
      if (topic === 'end') isOver = true;
      else if (!retain) return;
      else if (topic.endsWith('/config')) found.configs++;
      else if (topic.endsWith('/status')) found.statuses++;
      else if (topic.endsWith('/state')) found.results++;
    });
  }
  await until(() => isOver);
  await link.close();
  return found;
}
