import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, runCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const IRIS = new URL('../data/iris/iris.csv', import.meta.url);

let folder: string;
let broker: TestBroker | undefined;
let commands: RunningCommand[];
let link: MqttLink | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-train-teach-'));
  commands = [];
});

afterEach(async () => {
  await link?.close();
  await killAll(commands);
  await broker?.close();
  await rm(folder, { recursive: true, force: true });
});

it('a net that was trained knows its classes, learns another one from a stream, and takes it into its integer form', async (context) => {
  needs(context, 'mosquitto');
  const rows = (await readFile(IRIS, 'utf8')).trim().split('\n').slice(1);
  const flowers = new Map<string, number[][]>();
  for (const row of rows) {
    const fields = row.split(',');
    const name = fields.pop()!;
    flowers.set(name, [...(flowers.get(name) ?? []), fields.map(Number)]);
  }
  // The one that comes later lies between the two.
  const [first, third, second] = [...flowers.keys()] as [string, string, string];
  const known = rows.filter((row) => !row.endsWith(third));
  await writeFile(join(folder, 'two.csv'), `${known.join('\n')}\n`);
  const spikewire = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCommand(words, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const words = ['train', '--data', 'csv:two.csv', '--arch', '4-32-2', '--epochs', '12', '--batch', '8'];
  expect(await spikewire(...words, '--out', 'm.spike')).toContain(
    'by the read-out that labels can teach, which run uses',
  );
  await spikewire('quantize', 'm.spike', '--data', 'csv:two.csv', '--out', 'q.spike');
  for (const model of ['m.spike', 'q.spike']) {
    expect(await spikewire('doctor', model)).toContain('3 self-test vectors passed');
  }

  broker = (await startMosquitto())!;
  const random = new RandomGenerator(1, 'test');
  link = await MqttLink.connect(broker.url, { clientId: 'test', random: () => random.nextUniform() });
  const answers: { readonly t: number; readonly result: string }[] = [];
  const statuses: { readonly taught: { readonly classes: string[]; readonly labels: number } }[] = [];
  await link.subscribe('iris/name', ({ payload }) => void answers.push(JSON.parse(Buffer.from(payload).toString())));
  await link.subscribe(
    'iris/name/status',
    ({ payload }) => void statuses.push(JSON.parse(Buffer.from(payload).toString())),
  );
  const stream = ['--mqtt', broker.url, '--in', 'iris/sizes', '--out', 'iris/name'];
  const run = async (model: string, ...more: string[]) => {
    const command = startCommand(['run', model, ...stream, '--store', 'store', '--learn', ...more], folder);
    commands.push(command);
    await command.says(/running/);
    return command;
  };
  const order = async (word: string) => {
    const before = statuses.length;
    await link!.publish('iris/sizes/command', word);
    await until(() => statuses.length > before);
    return statuses.at(-1)!;
  };
  let t = 0;
  const shown = new Map<string, number>();
  const show = async (name: string) => {
    const k = shown.get(name) ?? 0;
    shown.set(name, k + 1);
    const before = answers.length;
    await link!.publish('iris/sizes', JSON.stringify({ t: ++t, values: flowers.get(name)![k % 50] }));
    await until(() => answers.length > before);
    return answers.at(-1)!.result;
  };
  const rightOf = async (names: readonly string[]) => {
    let right = 0;
    for (let k = 0; k < 30; k++) if ((await show(names[k % names.length]!)) === names[k % names.length]) right++;
    return right / 30;
  };

  const float = await run('m.spike');
  // Before any lesson it knows what it was trained for, and nothing else.
  expect(await rightOf([first, second])).toBeGreaterThan(0.8);
  expect(await rightOf([third])).toBe(0);
  for (let k = 0; k < 60; k++) {
    const name = [third, second, first][k % 3]!;
    await show(name);
    await link.publish('iris/sizes/label', JSON.stringify({ label: name }));
  }
  expect(await rightOf([first, second, third])).toBeGreaterThan(0.8);
  const taught = await spikewire('teach', third, ...stream);
  expect(taught).toMatch(/61 labels of 3 classes/);
  expect((await order('take-back')).taught.labels).toBe(60);
  await order('save');
  float.process.kill('SIGKILL');
  await float.ended;

  await run('q.spike', '--device', 'clocked', '--on-new-model', 'rebase');
  expect((await order('status')).taught).toMatchObject({ classes: [first, second, third], labels: 60 });
  expect(await rightOf([first, second, third])).toBeGreaterThan(0.8);
  await order('base');
  expect(await rightOf([first, second])).toBeGreaterThan(0.8);
});
