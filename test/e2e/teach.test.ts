import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, runCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const BLOCK = 64;
const RATE = 640;
const WARM_UP = 40;
/** Frequency in Hz and strength of what a machine does in each state. */
const STATES: Record<string, readonly [number, number]> = { idle: [40, 0.2], running: [120, 1], worn: [200, 1] };

interface Result {
  readonly t: number;
  readonly result: string | null;
  readonly confidence?: number;
}

interface Status {
  readonly answer: string;
  readonly learning: boolean;
  readonly saved: { readonly readings: number } | null;
  readonly store: { readonly day: { readonly written: number; readonly budget: number } };
  readonly taught: {
    readonly classes: readonly string[];
    readonly labels: number;
    readonly accuracy: Record<'base' | 'adapted' | 'served', number | null>;
    readonly today: { readonly lessons: number; readonly budget: number };
  };
}

let folder: string;
let broker: TestBroker;
let commands: RunningCommand[];
let link: MqttLink;
let results: Result[];
let statuses: Status[];
let t: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-teach-'));
  commands = [];
  results = [];
  statuses = [];
  t = 0;
});

afterEach(async () => {
  await link?.close();
  await killAll(commands);
  await broker?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A block of vibration of the machine in a state, as a message. */
function vibration(state: string, k: number): string {
  const [frequency, strength] = STATES[state]!;
  const noise = new RandomGenerator(k, state);
  const phase = 2 * Math.PI * noise.nextUniform();
  const values = Array.from({ length: BLOCK }, (_, n) => {
    const tone = strength * Math.sin((2 * Math.PI * frequency * n) / RATE + phase);
    return Number((tone + 0.1 * noise.nextNormal()).toFixed(5));
  });
  return JSON.stringify({ t: k / 1000, values: { vibration: values } });
}

async function newModel(...more: string[]): Promise<string> {
  const words = ['new', 'classifier', '--channel', 'vibration', '--block', `${BLOCK}`, '--rate', `${RATE}`];
  const made = await runCommand([...words, '--labels', 'idle,running', '--out', 'm.spike', ...more], folder);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  return made.stdout;
}

async function openBroker(context: TestContext): Promise<void> {
  needs(context, 'mosquitto');
  broker = (await startMosquitto())!;
  const random = new RandomGenerator(1, 'test');
  link = await MqttLink.connect(broker.url, { clientId: 'test', random: () => random.nextUniform() });
  const collect = (topic: string, into: unknown[]) =>
    link.subscribe(topic, ({ payload }) => void into.push(JSON.parse(Buffer.from(payload).toString())));
  await collect('mill/state', results);
  await collect('mill/state/status', statuses);
}

async function startRun(...more: string[]): Promise<RunningCommand> {
  const stream = ['--mqtt', broker.url, '--in', 'mill/vibration', '--out', 'mill/state'];
  const command = startCommand(['run', 'm.spike', ...stream, '--store', 'store', ...more], folder);
  commands.push(command);
  await command.says(/running m\.spike/);
  return command;
}

/** Sends a block and gives the answer. */
async function show(state: string): Promise<Result> {
  const before = results.length;
  await link.publish('mill/vibration', vibration(state, ++t));
  await until(() => results.length > before);
  return results.at(-1)!;
}

/** Blocks by which the net learns what is usual, before it answers. */
async function warmUp(): Promise<void> {
  for (let k = 0; k < WARM_UP; k++) await link.publish('mill/vibration', vibration(['idle', 'running'][k % 2]!, ++t));
  await until(() => results.at(-1)?.t === t);
}

async function order(word: string): Promise<Status> {
  const before = statuses.length;
  await link.publish('mill/vibration/command', word);
  await until(() => statuses.length > before);
  return statuses.at(-1)!;
}

/** Shows states in turn, each with its label. */
async function teach(states: readonly string[], lessons: number): Promise<void> {
  for (let k = 0; k < lessons; k++) {
    const state = states[k % states.length]!;
    await show(state);
    await link.publish('mill/vibration/label', JSON.stringify({ label: state }));
  }
}

async function rightOf(states: readonly string[], count = 30): Promise<number> {
  let right = 0;
  for (let k = 0; k < count; k++) {
    const state = states[k % states.length]!;
    if ((await show(state)).result === state) right++;
  }
  return right / count;
}

describe('a classifier made by new, taught over mosquitto', () => {
  it('names what it was taught, takes a class that comes, and goes on from its lessons after SIGKILL', async (context) => {
    await openBroker(context);
    expect(await newModel()).toMatch(/^m\.spike: written, \d+ bytes, format spike; channels: vibration\n$/);
    const first = await startRun('--learn');
    await warmUp();
    expect(results.at(-1)!.result).toBeNull();
    await teach(['idle', 'running'], 60);
    expect(await rightOf(['idle', 'running'])).toBeGreaterThan(0.9);
    await teach(['worn', 'idle', 'running'], 30);
    expect(await rightOf(['idle', 'running', 'worn'])).toBeGreaterThan(0.9);
    expect(results.at(-1)!.confidence).toBeGreaterThan(0);
    expect(results.at(-1)!.confidence).toBeLessThanOrEqual(1);

    const { taught, saved, store } = await order('save');
    expect(taught).toMatchObject({ classes: ['idle', 'running', 'worn'], labels: 90, today: { lessons: 90 } });
    expect(taught.accuracy.served).toBeGreaterThan(0.5);
    expect(store.day.written).toBeGreaterThan(0);
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await startRun('--learn');
    expect(await rightOf(['idle', 'running', 'worn'])).toBeGreaterThan(0.9);
    expect((await order('status')).taught).toMatchObject({ labels: 90, today: { lessons: 90 } });
    expect(saved!.readings).toBe(WARM_UP + 150);
    expect(second.stderr()).toMatch(/^spikewire: connected to \S+\n$/);
  });

  it('writes for lessons and not for readings', async (context) => {
    await openBroker(context);
    await newModel('--neurons', '60');
    const run = await startRun('--learn', '--save-every', '0');
    await warmUp();
    await order('save');
    const before = (await order('status')).store.day.written;
    for (let k = 0; k < 40; k++) await show('idle');
    expect((await order('status')).store.day.written).toBe(before);
    await teach(['idle'], 1);
    while ((await order('status')).store.day.written === before) await delay(600);
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    results.length = 0;
    await startRun('--learn');
    await show('idle');
    expect((results.at(-1) as unknown as { seq: number }).seq).toBe(WARM_UP + 42);
  });

  it('is taught, corrected and asked by command, and says why where it does not learn', async (context) => {
    await openBroker(context);
    await newModel();
    const run = await startRun();
    const say = (label: string, ...more: string[]) =>
      runCommand(
        ['teach', label, '--mqtt', broker.url, '--in', 'mill/vibration', '--out', 'mill/state', ...more],
        folder,
      );
    await warmUp();
    expect(await say('idle')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"idle": was not learned, because learning is off; expected run with --learn'),
    });
    await order('learn');
    expect((await say('idle')).stdout).toMatch(
      /^"idle": 1 label of 2 classes, no answer checked by a label yet; 1 of 10000 lessons today\n$/,
    );
    await show('running');
    expect((await say('running', '--time', `${WARM_UP}`)).stdout).toContain('2 labels of 2 classes');
    expect((await order('take-back')).answer).toBe('took the last lesson back');
    expect(await order('base')).toMatchObject({
      answer: expect.stringMatching(/^there is no base yet, so nothing was changed: /),
      taught: { labels: 1 },
    });
    expect((await say('running')).stdout).toContain('2 labels of 2 classes');
    expect(await say('unknown')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('expected the name of a class'),
    });
    expect(await say('running', '--time', '0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('belongs to no result: the net has given none yet, or has forgotten it'),
    });
    expect((await order('settle')).taught.labels).toBe(0);
    expect((await order('base')).answer).toBe('went back to the base');
    run.process.kill('SIGTERM');
    await run.ended;

    const atRest = ['teach', 'worn', '--store', 'store', '--model', 'm.spike'];
    expect((await runCommand(atRest, folder)).stdout).toContain('1 label of 3 classes');
    await startRun('--learn');
    await show('running');
    expect((await order('status')).taught.classes).toEqual(['idle', 'running', 'worn']);
  });

  it('says once why a lesson was refused, however early and often the net says so', async (context) => {
    await openBroker(context);
    await link.subscribe('mill/vibration/label', async () => {
      const error = 'mill/vibration/label: too many today';
      for (let k = 0; k < 3; k++) await link.publish('mill/state/error', JSON.stringify({ error }));
    });
    const words = ['teach', 'idle', '--mqtt', broker.url, '--in', 'mill/vibration', '--out', 'mill/state'];
    const { code, stderr } = await runCommand(words, folder);
    expect([code, stderr]).toEqual([1, 'spikewire: lesson: was refused: mill/vibration/label: too many today\n']);
  });

  it('waits for the answer to its lesson, whatever else is published there', async (context) => {
    await openBroker(context);
    const taught = { classes: [], labels: 1, accuracy: { base: null, adapted: 1, served: 1 } };
    const unfinished = { learning: true, taught };
    const others = ['no JSON', 'null', '[]', '{}', '{"learning":true,"taught":{}}', JSON.stringify(unfinished)];
    const statusAfter = (lessons: number) =>
      JSON.stringify({ learning: true, taught: { ...taught, labels: lessons, today: { lessons, budget: 2 } } });
    // One that was on its way before the lesson does not know it.
    await link.subscribe('other/vibration/label', () => link.publish('other/state/status', statusAfter(0)));
    await link.subscribe('other/vibration/command', async () => {
      for (const other of others) await link.publish('other/state/status', other);
      await link.publish('other/state/error', 'no JSON');
      await link.publish('other/state/error', '{"error":"other/vibration: has 3 values"}');
      await link.publish('other/state/status', statusAfter(1));
    });
    const words = ['teach', 'worn', '--mqtt', broker.url, '--in', 'other/vibration', '--out', 'other/state'];
    const { code, stdout, stderr } = await runCommand(words, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('1 label of 0 classes');
    expect(stdout).toContain('1 of 2 lessons today');
  });

  it('says where its lesson is not saved, also to somebody who may not ask for the status', async (context) => {
    await openBroker(context);
    const taught = { classes: ['worn'], labels: 1, accuracy: { base: null, adapted: 1, served: 1 } };
    const status = { learning: true, taught: { ...taught, today: { lessons: 1, budget: 2 } } };
    const own = { t: 1, kind: 'label', label: 'worn', outcome: 'applied', saved: false };
    await link.subscribe('other/vibration/label', async () => {
      for (const other of [
        'no JSON',
        'null',
        '{"label":"worn"}',
        JSON.stringify({ ...own, label: 'idle', saved: true }),
      ])
        await link.publish('other/state/lesson', other);
      await link.publish('other/state/lesson', JSON.stringify(own));
    });
    let mayAsk = true;
    await link.subscribe('other/vibration/command', async () => {
      if (mayAsk) await link.publish('other/state/status', JSON.stringify(status));
      else await link.publish('other/state/error', '{"error":"other/vibration/command: secret: is missing; refused"}');
    });
    const words = ['teach', 'worn', '--mqtt', broker.url, '--in', 'other/vibration', '--out', 'other/state'];
    const asked = await runCommand([...words, '--json'], folder);
    expect(JSON.parse(asked.stdout)).toMatchObject({
      sent: { label: 'worn' },
      outcome: 'applied',
      saved: false,
      taught,
    });
    mayAsk = false;
    const { code, stdout, stderr } = await runCommand(words, folder);
    expect([code, stdout, stderr]).toEqual([0, '"worn": done; not saved: the lesson is in memory only\n', '']);
  });

  it('is there after SIGKILL as soon as its lesson is said to be saved', async (context) => {
    await openBroker(context);
    await newModel();
    const receipts: { label: string; outcome: string; saved: boolean }[] = [];
    await link.subscribe(
      'mill/state/lesson',
      ({ payload }) => void receipts.push(JSON.parse(Buffer.from(payload).toString())),
    );
    const first = await startRun('--learn', '--save-every', '3600');
    await warmUp();
    await teach(['idle', 'running'], 20);
    await until(() => receipts.length === 20);
    expect(receipts.map(({ label, outcome, saved }) => [label, outcome, saved])).toEqual(
      Array.from({ length: 20 }, (_, k) => [['idle', 'running'][k % 2], 'applied', true]),
    );
    first.process.kill('SIGKILL');
    await first.ended;
    await startRun('--learn');
    await show('idle');
    expect((await order('status')).taught).toMatchObject({ classes: ['idle', 'running'], labels: 20 });
  });

  it('makes nothing for a store or a net that does not exist', async () => {
    await newModel();
    const teach = (...more: string[]) => runCommand(['teach', 'worn', '--model', 'm.spike', ...more], folder);
    expect(await teach('--store', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not exist'),
    });
    await mkdir(join(folder, 'store'));
    const refused = await teach('--store', 'store', '--net', 'mill');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('store store: has no nets') });
    await mkdir(join(folder, 'store/kitchen'));
    expect(await teach('--store', 'store', '--net', 'mill')).toMatchObject({
      code: 1,
      stderr: 'spikewire: net "mill": does not exist in store store; expected kitchen\n',
    });
    expect(await teach('--store', 'store')).toMatchObject({
      code: 2,
      stderr: 'spikewire teach --store: --net is missing; expected kitchen\n',
    });
    expect([await readdir(folder), await readdir(join(folder, 'store'))]).toEqual([['m.spike', 'store'], ['kitchen']]);
  });

  it('records labelled blocks into a bounded file, from which features are chosen', async (context) => {
    await openBroker(context);
    const record = async (label: string, count: number, ...more: string[]) => {
      const words = ['record', '--mqtt', broker.url, '--in', 'mill/vibration', '--label', label, '--out', 'r.jsonl'];
      const command = startCommand([...words, ...more], folder);
      commands.push(command);
      await command.says(/recording/);
      await link.publish('mill/vibration', '{"vibration": [1]}'.replace('1', label === 'idle' ? '1, "a"' : '1'));
      for (let k = 0; k < count; k++) await link.publish('mill/vibration', vibration(label, ++t));
      await delay(300);
      command.process.kill('SIGTERM');
      expect(await command.ended).toBe(0);
      return command;
    };
    for (const label of ['idle', 'running', 'worn']) await record(label, 30);
    // Power fails in the middle of a line.
    await writeFile(join(folder, 'r.jsonl'), '{"t": 1, "label": "id', { flag: 'a' });
    expect((await record('idle', 5)).stdout()).toContain('5 readings, 1 bad');
    const lines = (await readFile(join(folder, 'r.jsonl'), 'utf8')).trimEnd().split('\n').slice(1);
    expect(lines.map((line) => JSON.parse(line).label).filter((label) => label === 'idle')).toHaveLength(35);
    const limited = await record('worn', 30, '--limit', '70K');
    expect(limited.stderr()).toContain('--limit makes it larger');
    expect((await readFile(join(folder, 'r.jsonl'))).length).toBeLessThanOrEqual(70 * 1024);

    const said = await newModel('--features', 'auto', '--data', 'r.jsonl');
    expect(said).toMatch(/^→ 100\.0 % ± 0\.0 % by .* \(\d+ numbers\)$/m);
    const evaluated = await runCommand(['eval', 'm.spike', '--data', 'recorded:r.jsonl'], folder);
    expect(evaluated.code).toBe(1);
    expect(evaluated.stderr).toContain('worn');
  });

  it('records what comes beside a foreign message that the broker had kept, and marks what is retained', async (context) => {
    await openBroker(context);
    await link.publish('mill/link', '{"rssi": -60}', { retain: true });
    await link.publish('mill/air', '{"x": 0, "y": 0}', { retain: true });
    const words = ['record', '--mqtt', broker.url, '--in', 'mill/+', '--label', 'idle', '--out', 'r.jsonl', '--json'];
    const command = startCommand([...words, '--count', '4'], folder);
    commands.push(command);
    await command.says(/recording/);
    for (let k = 1; k <= 3; k++) await link.publish('mill/air', JSON.stringify({ x: k, y: -k }));
    expect(await command.ended).toBe(0);
    expect(JSON.parse(command.stdout())).toMatchObject({ readings: 4, retained: 1, bad: 1 });
    const [head, ...lines] = (await readFile(join(folder, 'r.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(JSON.parse(head!)).toMatchObject({ channels: ['x', 'y'] });
    expect(lines.map((line) => JSON.parse(line).retained === true)).toEqual([true, false, false, false]);
    expect((await stat(join(folder, 'r.jsonl'))).mode & 0o777).toBe(0o600);
  });
});
