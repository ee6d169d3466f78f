import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Model, modelDigest, nextReadingModel, RandomGenerator, writeModel } from '@spikewire/models';
import type { Page } from 'playwright-core';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, startBrowser } from './browser.ts';
import { killAll, type RunningCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

/** Between two readings. */
const EVERY_MS = 4;

/** Another seed makes another model that reads the same. */
const modelOf = (seed: number, channels = ['level']): Model =>
  nextReadingModel({
    channels: channels.map((name) => ({ name, unit: 'm' })),
    neurons: 20,
    rangeWarmUp: 20,
    seed,
    monitor: { warmUp: 20 },
  });

let folder: string;
let broker: TestBroker | undefined;
let browser: Browser | undefined;
let link: MqttLink;
let commands: RunningCommand[];
/** Times of the readings that were answered. */
let answered: number[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-reload-'));
  [commands, answered] = [[], []];
});

afterEach(async () => {
  await browser?.close();
  await link?.close();
  await killAll(commands);
  await broker?.close();
  [browser, broker] = [undefined, undefined];
  await rm(folder, { recursive: true });
});

async function start(context: TestContext, ...more: string[]): Promise<RunningCommand> {
  needs(context, 'mosquitto');
  broker = await startMosquitto();
  const random = new RandomGenerator(1, 'test');
  link = await MqttLink.connect(broker!.url, { clientId: 'test', random: () => random.nextUniform() });
  await link.subscribe('tank/state', ({ payload }) => void answered.push(JSON.parse(String(payload)).t / 1000));
  await writeFile(join(folder, 'level.spike'), writeModel(modelOf(1)));
  const words = ['run', 'level.spike', '--mqtt', broker!.url, '--in', 'tank/level', '--out', 'tank/state', ...more];
  const command = startCommand([...words, '--learn', '--store', 'store'], folder);
  commands.push(command);
  await command.says(/running level\.spike/);
  return command;
}

/** Publishes numbered readings at a steady rate until the returned function is called, which resolves to how many. */
function feed(): () => Promise<number> {
  let [t, isOver] = [0, false];
  const feeding = (async () => {
    for (; !isOver; t++) {
      await Promise.all([
        link.publish('tank/level', JSON.stringify({ t, values: { level: Math.sin(t / 20) } })),
        delay(EVERY_MS),
      ]);
    }
    return t;
  })();
  return () => {
    isOver = true;
    return feeding;
  };
}

async function replace(command: RunningCommand, bytes: Uint8Array | string): Promise<void> {
  await writeFile(join(folder, 'next'), bytes);
  await cp(join(folder, 'next'), join(folder, 'level.spike'));
  command.process.kill('SIGHUP');
}

const shown = (page: Page) =>
  page.locator('#figures div', { has: page.getByText('Model', { exact: true }) }).locator('dd');

it('takes up another model at SIGHUP, five times in a stream of readings, and each of them is answered once', async (context) => {
  const command = await start(context, '--dashboard', '127.0.0.1:0', '--json');
  browser = await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  await page.goto(/page: (\S+)/.exec(command.stderr())![1]!);
  const end = feed();
  for (let seed = 1; seed <= 6; seed++) {
    const digest = modelDigest(modelOf(seed));
    if (seed > 1) await replace(command, writeModel(modelOf(seed)));
    await command.says(new RegExp(`model: level\\.spike, digest ${digest}\\n`));
    await shown(page).getByText(digest.slice(0, 12), { exact: true }).waitFor();
    const before = answered.length;
    await until(() => answered.length > before + 30);
  }
  const sent = await end();
  await until(() => answered.length >= sent);
  command.process.kill('SIGTERM');
  expect(await command.ended).toBe(0);
  expect(answered).toEqual(Array.from({ length: sent }, (_, t) => t));
  expect(JSON.parse(command.stdout())).toMatchObject({
    digest: modelDigest(modelOf(6)),
    received: sent,
    bad: 0,
    dropped: 0,
  });
});

it('goes on with the model that runs where the file has another that does not fit, or none', async (context) => {
  const command = await start(context, '--sensitivity', 'next-reading=5');
  const end = feed();
  for (const [bytes, line] of [
    [
      writeModel(modelOf(2, ['level', 'pressure'])),
      'model: takes 2 numbers a reading, level (m), pressure (m); expected 1 number a reading, level (m), as the running model',
    ],
    [
      writeModel(modelOf(2, ['pressure'])),
      'model: takes 1 number a reading, pressure (m); expected 1 number a reading, ',
    ],
    [writeModel({ ...modelOf(2), monitors: [] }), 'monitors: have "next-reading"; expected a model with monitors'],
    [writeModel(modelOf(2)).slice(0, -1), ''],
    ['{', ''],
  ] as const) {
    const refusals = () => command.stderr().match(/.*the old model keeps running\n/g) ?? [];
    const { length } = refusals();
    await replace(command, bytes);
    await until(() => refusals().length > length);
    expect(refusals().at(-1)).toContain(`spikewire: level.spike: ${line}`);
  }
  await replace(command, writeModel(modelOf(1)));
  await command.says(/model: level\.spike runs already\n/);
  const sent = await end();
  await until(() => answered.length >= sent);
  expect(answered).toEqual(Array.from({ length: sent }, (_, t) => t));
  command.process.kill('SIGTERM');
  expect(await command.ended).toBe(0);
});
