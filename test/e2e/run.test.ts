import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nextReadingModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { startAedes } from './aedes.ts';
import { killAll, type RunningCommand, runCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import type { TestBroker } from './test-broker.ts';

const MESSAGES = 10_000;

interface Result {
  readonly t: number;
  readonly seq: number;
  readonly result: { readonly level: number } | null;
}

const random = new RandomGenerator(1, 'test');
let folder: string;
let broker: TestBroker | undefined;
let commands: RunningCommand[];
let links: MqttLink[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-run-'));
  const model = nextReadingModel({
    channels: [{ name: 'level', unit: 'm' }],
    neurons: 50,
    rangeWarmUp: 50,
    monitor: { warmUp: 50 },
  });
  await writeFile(join(folder, 'level.spike'), writeModel(quantize(model, { bits: 8 })));
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
  const link = await MqttLink.connect(broker!.url, {
    clientId,
    random: () => random.nextUniform(),
    backoff: { base: 50, cap: 500 },
  });
  links.push(link);
  return link;
}

async function startRun(...more: string[]): Promise<RunningCommand> {
  const words = [
    'run',
    'level.spike',
    '--mqtt',
    broker!.url,
    '--in',
    'tank/level',
    '--out',
    'tank/state',
    '--learn',
    '--store',
    'store',
    ...more,
  ];
  const command = startCommand(words, folder);
  commands.push(command);
  await command.says(/running level\.spike/);
  return command;
}

/** Adds the messages of a topic, or what they have under a key, to a list as they come. */
async function collect<T>(link: MqttLink, topic: string, into: T[], key?: string): Promise<void> {
  await link.subscribe(topic, ({ payload }) => {
    const message = JSON.parse(Buffer.from(payload).toString());
    into.push(key === undefined ? message : message[key]);
  });
}

/** At so many milliseconds. */
const reading = (t: number) => JSON.stringify({ t: t / 1000, values: { level: 3 + Math.sin(t / 50) } });

describe('spikewire run against mosquitto', () => {
  it(`loses none of ${MESSAGES} messages at QoS 1 through a restart of the broker`, async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const results = new Map<number, Result>();
    const listener = await connect('listener');
    await listener.subscribe('tank/state', ({ payload }) => {
      const result = JSON.parse(Buffer.from(payload).toString()) as Result;
      results.set(result.t, result);
    });
    const command = await startRun();
    const sender = await connect('sender');
    for (let t = 0; t < MESSAGES; t++) {
      const sent = sender.publish('tank/level', reading(t));
      // The sender's own outbox is bounded: it waits where a careful sensor would.
      if (t % 200 === 199) await sent;
      if (t === MESSAGES / 2) {
        await broker!.stop();
        await delay(300);
        await broker!.start();
      }
    }
    await until(() => results.size === MESSAGES);
    expect(Math.max(...results.keys())).toBe(MESSAGES - 1);
    expect([...results.values()].filter(({ t, result }) => t >= 50 && result === null)).toEqual([]);
    command.process.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.stdout()).toMatch(/stopped: \d+ MQTT messages received, 0 bad, \d+ published, 0 dropped/);
  });

  it('has at --qos 0 answered or counted each message of a flood, also with a broker that keeps few', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto(['max_queued_messages 100']);
    const count = 6000;
    const states: { readings: number; lost: number; counters: { dropped: number } }[] = [];
    await collect(await connect('listener'), 'tank/state/status', states);
    await startRun('--qos', '0');
    const sender = await connect('sender');
    await Promise.all(Array.from({ length: count }, (_, t) => sender.publish('tank/level', reading(t))));
    await until(async () => {
      await sender.publish('tank/level/command', 'status');
      await delay(200);
      const { readings = 0, lost = 0 } = states.at(-1) ?? {};
      return readings + lost === count;
    });
    expect(states.at(-1)!.counters.dropped).toBe(states.at(-1)!.lost);
  });

  it('tells at --qos 1 how many messages of a flood the broker has dropped, where the broker tells', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto(['max_queued_messages 100', 'sys_interval 1']);
    const count = 9500;
    const states: { counters: { received: number; brokerDropped: number | null } }[] = [];
    await collect(await connect('listener'), 'tank/state/status', states);
    const command = await startRun();
    const sender = await connect('sender');
    // It stands still meanwhile, so that more comes than the broker sends ahead and keeps.
    command.process.kill('SIGSTOP');
    await Promise.all(Array.from({ length: count }, (_, t) => sender.publish('tank/level', reading(t))));
    command.process.kill('SIGCONT');
    let asked = 0;
    await until(async () => {
      // It may be dropped as well.
      await sender.publish('tank/level/command', 'status');
      asked++;
      await delay(500);
      const { received = 0, brokerDropped = 0 } = states.at(-1)?.counters ?? {};
      return received + brokerDropped! === count + asked;
    });
    expect(states.at(-1)!.counters.brokerDropped).toBeGreaterThan(0);
    // It looks once a second, and may have counted what it has not told yet.
    const told = /queues of the broker were full; messages that it has dropped so far, for all clients/;
    await until(() => told.test(command.stderr()));
  });

  it('answers bad messages in one line each and goes on with the next', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const answers: string[] = [];
    const seqs: number[] = [];
    const listener = await connect('listener');
    await collect(listener, 'tank/state/error', answers, 'error');
    await collect(listener, 'tank/state', seqs, 'seq');
    const command = await startRun();
    const sender = await connect('sender');
    const bad = ['{', '[1, 2]', '{"level": "high"}', '{"depth": 3}', 'NaN', ''];
    for (const payload of bad) await sender.publish('tank/level', payload);
    await sender.publish('tank/level/label', '{"colour": "red"}');
    await sender.publish('tank/level/command', 'explode');
    await sender.publish('tank/level', reading(1));
    await until(() => seqs.length === 1 && answers.length === bad.length + 2);
    expect(seqs).toEqual([1]);
    for (const answer of answers) expect(answer).not.toMatch(/\n/);
    expect(answers).toContainEqual(expect.stringContaining('channel level: is missing (there is depth); expected'));
    expect(answers).toContainEqual(
      expect.stringContaining(
        'command: is "explode"; expected save, reset, freeze, learn, take-back, settle, base, status, normal, update',
      ),
    );
    const warned = command
      .stderr()
      .split('\n')
      .filter((line) => line.includes('tank/level'));
    expect(warned).toHaveLength(bad.length + 2);
  });

  it('keeps its log and its answers small and printable, whatever 200 large messages are made of', async () => {
    broker = await startAedes();
    const answers: Buffer[] = [];
    const seqs: number[] = [];
    const listener = await connect('listener');
    await listener.subscribe('tank/state/error', ({ payload }) => void answers.push(Buffer.from(payload)));
    await collect(listener, 'tank/state', seqs, 'seq');
    const command = await startRun();
    const sender = await connect('sender');
    const title = '\u001b]0;owned\u0007\u009b2J\u202e';
    for (let k = 0; k < 200; k++) {
      const payload = JSON.stringify({ [`${title}${'x'.repeat(900_000)}`]: k });
      await sender.publish('tank/level', payload);
    }
    await sender.publish('tank/level', reading(1));
    await until(() => seqs.length === 1);
    command.process.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.stdout()).toMatch(/stopped: 201 MQTT messages received, 200 bad/);
    const said = command.stderr();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(said).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(said).toContain('channel level: is missing (there is \\u001b]0;owned\\u0007\\u009b2J\\u202exxx');
    expect(said).toMatch(/xxx\); expected a finite number, or --missing skip or hold$/m);
    expect(said.length).toBeLessThan(30_000);
    const lines = said.split('\n');
    const leftOut = lines.map((line) => Number(/(\d+) more/.exec(line)?.[1] ?? 0)).reduce((sum, count) => sum + count);
    expect(lines.filter((line) => line.includes('is missing')).length + leftOut).toBe(200);
    expect(answers.length).toBeGreaterThan(0);
    expect(Math.max(...answers.map(({ length }) => length))).toBeLessThan(1000);
    expect(answers.every((answer) => !answer.includes(0x1b))).toBe(true);
  });

  it('killed with SIGKILL, goes on from what it had said was saved', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const statuses: { saved: { readings: number } | null; readings: number }[] = [];
    const seqs: number[] = [];
    const listener = await connect('listener');
    await collect(listener, 'tank/state/status', statuses);
    await collect(listener, 'tank/state', seqs, 'seq');
    const first = await startRun();
    const sender = await connect('sender');
    for (let t = 0; t < 200; t++) await sender.publish('tank/level', reading(t));
    await sender.publish('tank/level/command', 'save');
    await until(() => statuses.length === 1);
    first.process.kill('SIGKILL');
    await first.ended;
    const saved = statuses[0]!.saved!.readings;
    expect(saved).toBe(200);

    seqs.length = 0;
    await startRun();
    await sender.publish('tank/level', reading(200));
    await until(() => seqs.length > 0);
    expect(seqs[0]).toBe(saved + 1);
  });

  it('frozen by a command and killed, stays frozen although started with --learn', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const statuses: { learning: boolean; saved: { readings: number } | null }[] = [];
    const learned: boolean[] = [];
    const listener = await connect('listener');
    await collect(listener, 'tank/state/status', statuses);
    await collect(listener, 'tank/state', learned, 'learned');
    const first = await startRun();
    const sender = await connect('sender');
    for (let t = 0; t < 120; t++) await sender.publish('tank/level', reading(t));
    await until(() => learned.length === 120);
    expect(learned.at(-1)).toBe(true);
    await sender.publish('tank/level/command', 'freeze');
    // What a person has asked for is saved without waiting for the interval.
    while (statuses.at(-1)?.saved == null) {
      await sender.publish('tank/level/command', 'status');
      await delay(50);
    }
    first.process.kill('SIGKILL');
    await first.ended;

    learned.length = 0;
    const second = await startRun();
    for (let t = 120; t < 125; t++) await sender.publish('tank/level', reading(t));
    await until(() => learned.length >= 5);
    expect(learned).not.toContain(true);
    expect(second.stderr()).toMatch(/^spikewire: connected to \S+\n$/);
  });

  it('a second process on the same store ends with one clear line', async (context) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    const first = await startRun();
    const stream = ['--mqtt', broker!.url, '--in', 'tank/level', '--out', 'tank/state'];
    const second = await runCommand(['run', 'level.spike', ...stream, '--store', 'store'], folder);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(second.stderr).toContain(String(first.process.pid));
  });
});

describe('the engine that spikewire run chooses', () => {
  it.each([[[]], [['--threads', '0']]])(
    'is said at the start, once chosen, in the status and at the end, %j',
    async (more) => {
      const weight = Array.from({ length: 200 }, (_, row) => [row % 10 === 0 ? 1.2 : 0]);
      const net = {
        nodes: {
          in: { type: 'Input', shape: [1] },
          fc: { type: 'Linear', weight },
          cells: { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1 },
          out: { type: 'Output' },
        },
        edges: [
          ['in', 'fc'],
          ['fc', 'cells'],
          ['cells', 'out'],
        ],
        sample: { steps: 100, between: 'reset' },
        encoder: { in: { type: 'latency', range: [0, 1] } },
        decoder: { out: { type: 'count' } },
        channels: [{ name: 'level', unit: 'm' }],
      };
      await writeFile(join(folder, 'quiet.json'), JSON.stringify(net));
      broker = await startAedes();
      const link = await connect('teller');
      const [results, states]: [object[], { executor?: string; engine?: string; because?: string }[]] = [[], []];
      await collect(link, 'tank/state', results);
      await collect(link, 'tank/state/status', states);
      const words = ['run', 'quiet.json', '--mqtt', broker.url, '--in', 'tank/level', '--out', 'tank/state', '--json'];
      const command = startCommand([...words, ...more], folder);
      commands.push(command);
      await command.says(/^running quiet\.json on auto \(measuring\): tank\/level → tank\/state/m);
      for (let t = 0; t < 3; t++) await link.publish('tank/level', JSON.stringify({ t, values: { level: 0.9 } }));
      await command.says(/^engine: event \(0\.1 % active, about [\d.]+x as fast as clocked\)$/m);
      await until(() => results.length === 3);
      await link.publish('tank/level/command', 'status');
      await until(() => states.length === 1);
      const chosen = { engine: 'event', because: expect.stringContaining('x as fast as clocked') };
      expect(states[0]).toMatchObject({ executor: more.length === 0 ? 'auto (worker)' : 'auto', ...chosen });
      command.process.kill('SIGTERM');
      expect(await command.ended).toBe(0);
      expect(JSON.parse(command.stdout())).toMatchObject(chosen);
    },
  );
});

describe('spikewire run without a broker', () => {
  it('ends with one line when its page cannot be opened, and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const words = [
      'run',
      'level.spike',
      '--mqtt',
      'mqtt://127.0.0.1:1',
      '--in',
      'a',
      '--out',
      'b',
      '--dashboard',
      `127.0.0.1:${port}`,
    ];
    const ended = await runCommand(words, folder);
    other.close();
    expect(ended.stderr.trim().split('\n')).toEqual([expect.stringContaining(String(port))]);
    expect(ended.code).toBe(1);
  });

  it('says in one line what is missing and keeps trying', async () => {
    const command = startCommand(
      ['run', 'level.spike', '--mqtt', 'mqtt://127.0.0.1:1', '--in', 'a', '--out', 'b'],
      folder,
    );
    commands.push(command);
    await command.says(/127\.0\.0\.1:1.*refused.*expected/);
    expect(command.stderr().trim().split('\n')).toHaveLength(1);
    command.process.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });

  it.each([
    [['run'], 2, /<model> is missing/],
    [['run', 'nothing.spike', '--in', 'a', '--out', 'b'], 1, /nothing\.spike: does not exist; expected a model file/],
    [['run', 'nothing.spike'], 1, /nothing\.spike: does not exist; expected a model file/],
    [['run', 'level.spike'], 2, /has no source of readings; expected --in/],
    [['run', 'level.spike', '--in', 'a'], 2, /--out is missing/],
    [['run', 'level.spike', '--in', 'a/+', '--out', '+/b'], 2, /would otherwise read its own results/],
    [
      ['run', 'level.spike', '--in', 'a', '--out', 'b', '--store', 'c', '--on-new-model', 'guess'],
      2,
      /is "guess"; expected keep, rebase, reset/,
    ],
    [['run', 'level.spike', '--in', 'a', '--out', 'b', '--colour', '3'], 2, /--colour: is not an option; expected/],
    [['run', 'level.spike', '--dashbord', '1'], 2, /--dashbord: is not an option; did you mean --dashboard\?/],
    [['docter'], 2, /docter: is not a command; did you mean "spikewire doctor"\?/],
    [['fly'], 2, /fly: is not a command; expected one of/],
    [['translate'], 2, /translate: is not a command; expected one of new, run/],
    [['eval', 'level.spike'], 2, /--data is missing/],
  ])('%j ends with one line and exit code %i', async (words, code, line) => {
    const ended = await runCommand(words, folder);
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.code).toBe(code);
  });
});
