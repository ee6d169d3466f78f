import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, nextReadingModel, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { type Browser, seriousBarriers, startBrowser } from './browser.ts';
import { killAll, type RunningCommand, runCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const channels = [{ name: 'level', unit: 'm' }];
const predicting = (seed: number, neurons: number) =>
  writeModel(nextReadingModel({ channels, neurons, rangeWarmUp: 10, seed, monitor: { warmUp: 10 } }));
/** One that standardises what comes by `deviation`: a very large one tells nothing apart. */
const classifying = (deviation: number) =>
  writeModel(
    classifierModel({
      channels,
      labels: ['low', 'high'],
      standardise: { mean: 0, deviation },
      running: false,
      seed: 1,
    }),
  );

let folder: string;
let broker: TestBroker | undefined;
let browser: Browser | undefined;
let link: MqttLink;
let commands: RunningCommand[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-beside-'));
  commands = [];
});

afterEach(async () => {
  await browser?.close();
  await link?.close();
  await killAll(commands);
  await broker?.close();
  [browser, broker] = [undefined, undefined];
  await rm(folder, { recursive: true });
});

/** Answers of a topic, but for how long they took. */
async function start(context: TestContext, out: string, ...more: string[]) {
  needs(context, 'mosquitto');
  if (broker === undefined) {
    broker = await startMosquitto();
    const random = new RandomGenerator(1, 'test');
    link = await MqttLink.connect(broker!.url, { clientId: 'test', random: () => random.nextUniform() });
  }
  const answers: string[] = [];
  await link.subscribe(out, ({ payload }) => {
    answers.push(String(payload).replace(/"latencyUs":\d+,?/, ''));
  });
  const io = ['--mqtt', broker!.url, '--in', 'tank/level', '--out', out, '--client-id', out];
  const command = startCommand(['run', 'level.spike', ...io, '--learn', ...more], folder);
  commands.push(command);
  await command.says(/running level\.spike/);
  return { command, answers };
}

const send = (t: number, level: number) => link.publish('tank/level', JSON.stringify({ t, values: { level } }));

async function end(command: RunningCommand): Promise<void> {
  command.process.kill('SIGTERM');
  expect(await command.ended).toBe(0);
}

it('compares a second model with the one that answers, whose answers stay as they were', async (context) => {
  await writeFile(join(folder, 'level.spike'), predicting(1, 20));
  await writeFile(join(folder, 'other.spike'), predicting(2, 200));
  const one = await start(context, 'alone');
  const two = await start(context, 'both', '--beside', 'other.spike', '--json', '--dashboard', '127.0.0.1:0');
  await two.command.says(/^beside: other\.spike gets the same readings; its answers are not published$/m);
  for (let t = 0; t < 200; t++) await send(t, t % 60 === 59 ? 50 : Math.sin(t / 9));
  await until(() => one.answers.length === 200 && two.answers.length === 200);
  expect(two.answers).toEqual(one.answers);

  browser = await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  await page.goto(/page: (\S+)/.exec(two.command.stderr())![1]!);
  const panel = page.locator('#beside');
  await panel.getByText('200 readings compared', { exact: true }).waitFor();
  const rows = await panel.locator('tr').evaluateAll((lines) => lines.map(({ textContent }) => textContent));
  expect(await panel.locator('tr').first().locator('th').allTextContents()).toEqual([
    '',
    'level.spike answers',
    'other.spike for comparison',
  ]);
  expect(rows.map((row) => /^[A-Z][a-z ]+/.exec(row)?.[0].trim())).toEqual([
    undefined,
    'Flagged',
    'Time for a reading',
    'Memory of the largest net',
  ]);
  expect(await seriousBarriers(page)).toEqual([]);
  await Promise.all([end(one.command), end(two.command)]);
  const { comparison } = JSON.parse(two.command.stdout());
  const flagged = one.answers.filter((answer) => JSON.parse(answer).anomaly).length;
  expect(comparison).toMatchObject({ readings: 200, leftOut: 0, refused: 0, problem: null });
  expect(comparison.answering).toMatchObject({ name: 'level.spike', flagged });
  expect(comparison.watched.name).toBe('other.spike');
  expect(flagged).toBeGreaterThan(0);
  expect(comparison.watched.bytes).toBeGreaterThan(2 * comparison.answering.bytes);
  for (const { microseconds } of [comparison.answering, comparison.watched]) expect(microseconds).toBeGreaterThan(0);
  expect(rows[1]).toBe(`Flagged${comparison.answering.flagged}${comparison.watched.flagged}`);
});

it('says who was right, by the labels that come', async (context) => {
  await writeFile(join(folder, 'level.spike'), classifying(1));
  await writeFile(join(folder, 'other.spike'), classifying(1e6));
  const { command, answers } = await start(
    context,
    'tank/state',
    '--beside',
    'other.spike',
    '--dashboard',
    '127.0.0.1:0',
  );
  let right = 0;
  let judged = 0;
  for (let t = 0; t < 80; t++) {
    const label = t % 2 === 0 ? 'high' : 'low';
    await send(t, t % 2 === 0 ? 1.5 : -1.5);
    await until(() => answers.length === t + 1);
    const { result } = JSON.parse(answers.at(-1)!);
    await link.publish('tank/level/label', JSON.stringify({ label, t }));
    if (typeof result !== 'string') continue;
    judged++;
    if (result === label) right++;
  }
  browser = await startBrowser(needs(context, 'chromium'));
  const page = await browser.context.newPage();
  await page.goto(/page: (\S+)/.exec(command.stdout())![1]!);
  const line = page.locator('#beside tr', { hasText: 'Right answers, of readings with a label' });
  await line.getByText(`${right} of ${judged}`, { exact: true }).first().waitFor();
  await end(command);
  expect(command.stdout()).toMatch(
    new RegExp(
      `two models on 80 readings, the same class for \\d+ of \\d+:\\n {2}level\\.spike: .*${right} of ${judged} right,`,
    ),
  );
  const other = / {2}other\.spike: .*?(\d+) of (\d+) right, .* watched\n/.exec(command.stdout())!;
  expect(right).toBeGreaterThan(Number(other[1]));
});

it.each([
  ['absent.spike', 1, /^spikewire: absent\.spike: /],
  [
    'wide.spike',
    2,
    /^spikewire: wide\.spike: model: takes 2 numbers a reading; expected 1, as the model that answers\n$/,
  ],
])('a second model that cannot be watched is said at the start: %s', async (name, expected, problem) => {
  await writeFile(join(folder, 'level.spike'), predicting(1, 20));
  const wide = [...channels, { name: 'pressure', unit: 'bar' }];
  await writeFile(join(folder, 'wide.spike'), writeModel(nextReadingModel({ channels: wide, neurons: 20 })));
  const words = ['run', 'level.spike', '--mqtt', 'mqtt://127.0.0.1:1', '--in', 'a', '--out', 'b', '--beside', name];
  const { code, stderr } = await runCommand(words, folder);
  expect(stderr).toMatch(problem);
  expect(code).toBe(expected);
});
