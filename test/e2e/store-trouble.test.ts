import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nextReadingModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountSmallDisk, type SmallDisk } from '../small-disk.ts';
import { startAedes } from './aedes.ts';
import { killAll, type RunningCommand, runCommand, startCommand } from './command.ts';
import type { TestBroker } from './test-broker.ts';

/*
 * What `run` does where the store is in trouble, on real file systems: read-only, full, held by another process.
 */
interface Status {
  readonly readings: number;
  readonly failedSaves: number;
  readonly saved: { readonly readings: number } | null;
  readonly store: { readonly problem: string | null; readonly bytes?: number } | null;
}

const random = new RandomGenerator(1, 'test');
let folder: string;
let broker: TestBroker;
let link: MqttLink;
let disk: SmallDisk | undefined;
let commands: RunningCommand[];
let results: number;
let statuses: Status[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-trouble-'));
  const model = nextReadingModel({
    channels: [{ name: 'level', unit: 'm' }],
    neurons: 50,
    rangeWarmUp: 50,
    monitor: { warmUp: 50 },
  });
  await writeFile(join(folder, 'level.spike'), writeModel(quantize(model, { bits: 8 })));
  broker = await startAedes();
  link = await MqttLink.connect(broker.url, { clientId: 'test', random: () => random.nextUniform() });
  commands = [];
  results = 0;
  statuses = [];
  await link.subscribe('tank/state', () => void results++);
  await link.subscribe('tank/state/status', ({ payload }) => {
    statuses.push(JSON.parse(Buffer.from(payload).toString()));
  });
});

afterEach(async () => {
  await link.close();
  await killAll(commands);
  await broker.close();
  disk?.unmount();
  disk = undefined;
  await rm(folder, { recursive: true, force: true });
});

const words = (...more: string[]) => [
  ...['run', 'level.spike', '--mqtt', broker.url, '--in', 'tank/level', '--out', 'tank/state', '--learn'],
  ...['--store', 'disk/store', '--save-every', '0', '--threads', '0', ...more],
];

async function start(...more: string[]): Promise<RunningCommand> {
  const command = startCommand(words(...more), folder);
  commands.push(command);
  await command.says(/running level\.spike/);
  return command;
}

async function feed(count: number): Promise<void> {
  const before = results;
  for (let k = 0; k < count; k++) {
    await link.publish('tank/level', JSON.stringify({ t: before + k, values: { level: Math.sin((before + k) / 20) } }));
  }
  while (results < before + count) await delay(10);
}

async function status(): Promise<Status> {
  const before = statuses.length;
  await link.publish('tank/level/command', 'status');
  while (statuses.length === before) await delay(10);
  return statuses.at(-1)!;
}

async function statusWith(fits: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const found = await status();
    if (fits(found)) return found;
    await delay(600); // no more often than the limit on commands allows
  }
}

async function stop(command: RunningCommand): Promise<number | null> {
  command.process.kill('SIGTERM');
  return command.ended;
}

describe('with a store that is read-only from the start', () => {
  it('runs, says so, learns, and saves when it can', async (context) => {
    disk = await mountSmallDisk(context, join(folder, 'disk'), 1024);
    disk.readOnly(true);
    const command = await start();
    expect(command.stderr()).toMatch(/store .*EROFS.*in memory only/);
    await feed(120);
    const bad = await status();
    expect(bad).toMatchObject({ readings: 120, saved: null });
    expect(bad.store!.problem).toMatch(/EROFS/);
    disk.readOnly(false);
    await feed(1);
    const good = await statusWith(({ store }) => store!.problem === null);
    expect(good.saved!.readings).toBeGreaterThanOrEqual(120);
    expect(good.store!.bytes).toBeGreaterThan(0);
    expect(command.stderr()).toMatch(/saves again, after \d+ failed/);
    expect(await stop(command)).toBe(0);
  });

  it('goes on from what it had learned before, and later saves over nothing but that', async (context) => {
    disk = await mountSmallDisk(context, join(folder, 'disk'), 1024);
    const first = await start();
    await feed(150);
    expect(await stop(first)).toBe(0);
    disk.readOnly(true);
    await start();
    expect((await status()).readings).toBe(150);
    await feed(10);
    expect((await status()).readings).toBe(160);
    disk.readOnly(false);
    await feed(1);
    await statusWith(({ store }) => store!.problem === null);
    expect((await readdir(join(folder, 'disk/store'))).some((name) => name.includes('refused'))).toBe(false);
  });

  it('ends with 1 where a store is required', async (context) => {
    disk = await mountSmallDisk(context, join(folder, 'disk'), 1024);
    disk.readOnly(true);
    const { code, stderr } = await runCommand(words('--require-store'), folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^spikewire: store .*EROFS.*expected a writable file system\n$/);
  });

  it('is told by doctor', async (context) => {
    disk = await mountSmallDisk(context, join(folder, 'disk'), 1024);
    disk.readOnly(true);
    const { code, stdout } = await runCommand(['doctor', '--store', 'disk/store', '--json'], folder);
    expect(code).toBe(1);
    const findings = JSON.parse(stdout).findings as { check: string; state: string; found: string }[];
    expect(findings.find(({ check }) => check === 'store')).toMatchObject({
      state: 'bad',
      found: expect.stringMatching(/EROFS/),
    });
  });
});

describe('with a store on a disk that is full', () => {
  it('runs, learns, and saves when there is space', async (context) => {
    disk = await mountSmallDisk(context, join(folder, 'disk'), 512);
    await disk.fill();
    const command = await start();
    await feed(60);
    expect((await status()).store!.problem).toMatch(/ENOSPC/);
    await disk.free();
    await feed(1);
    await statusWith(({ store }) => store!.problem === null);
    expect(await stop(command)).toBe(0);
  });

  it('loses nothing that was saved when the disk fills up and the process is killed', async (context) => {
    disk = await mountSmallDisk(context, join(folder, 'disk'), 512);
    const command = await start();
    await feed(60);
    await statusWith(({ saved }) => (saved?.readings ?? 0) >= 60);
    await disk.fill();
    await feed(20);
    await statusWith(({ store }) => store!.problem !== null);
    command.process.kill('SIGKILL');
    await command.ended;
    await start();
    expect((await status()).readings).toBeGreaterThanOrEqual(60);
  });

  it('ends with 1 where a store is required', async (context) => {
    disk = await mountSmallDisk(context, join(folder, 'disk'), 64);
    await disk.fill();
    const { code, stderr } = await runCommand(words('--require-store'), folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^spikewire: store .*ENOSPC.*expected free space on the disk\n$/);
  });
});

describe('with a store that another process has', () => {
  it.each([
    ['one topic', 'tank/level', 'tank/state'],
    ['a topic for each net', 'tank/+', 'state/+'],
  ])('ends with 1 before it takes over the name at the broker: %s', async (_, input, output) => {
    const first = await start('--client-id', 'the-same');
    const second = [
      'run',
      'level.spike',
      '--mqtt',
      broker.url,
      '--in',
      input,
      '--out',
      output,
      '--store',
      'disk/store',
    ];
    for (let attempt = 0; attempt < 3; attempt++) {
      const running = runCommand([...second, '--client-id', 'the-same'], folder);
      await feed(20);
      const { code, stderr } = await running;
      expect(code).toBe(1);
      expect(stderr).toBe(
        `spikewire: store ${join(folder, 'disk/store')}: in use by a running process, pid ${first.process.pid}; ` +
          'expected another folder, or that process stopped first\n',
      );
    }
    expect(results).toBe(60);
    expect((await status()).readings).toBe(60);
  });

  it('starts when the other one was killed', async () => {
    const first = await start();
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await start('--require-store');
    expect(second.stderr()).toMatch(/^spikewire: connected to \S+\n$/);
  });
});

describe('what a store takes', () => {
  it('is bounded by --store-budget, and said', async () => {
    const command = startCommand(
      [
        ...['run', 'level.spike', '--mqtt', broker.url, '--in', 'tank/+', '--out', 'state/+', '--store', 'disk/store'],
        ...['--learn', '--save-every', '0', '--threads', '0', '--store-budget', '256K', '--nets', '100'],
      ],
      folder,
    );
    commands.push(command);
    await command.says(/running level\.spike/);
    let answers = 0;
    await link.subscribe('state/+', () => void answers++);
    for (let k = 0; k < 60; k++) await link.publish(`tank/t${k}`, '{"level":1}');
    while (answers < 60) await delay(20);
    await command.says(/no room: \d+ of 262144 bytes.*--store-budget/);
    expect(await taken(join(folder, 'disk/store'))).toBeLessThanOrEqual(256 * 1024);
  });

  it.each([
    ['--store-budget', '1'],
    ['--store-budget', 'much'],
    ['--store-per-day', '-1'],
    ['--store-per-day', '1T'],
  ])('is refused as %s %s', async (option, value) => {
    const { code, stderr } = await runCommand(words(`${option}=${value}`), folder);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `spikewire run ${option}: is "${value}"; expected a number of bytes from 65536, such as 64K, 512M or 2G\n`,
    );
  });
});

async function taken(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return Math.ceil(found.size / 4096) * 4096;
  const inside = await Promise.all((await readdir(path)).map((name) => taken(join(path, name))));
  return inside.reduce((sum, bytes) => sum + bytes, 4096);
}

// The folder of the other tests is an ordinary one.
beforeEach(() => mkdir(join(folder, 'disk')));
