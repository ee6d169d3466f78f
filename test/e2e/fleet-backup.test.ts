import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, resultOf, runCommand, startCommand, until } from './command.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';
import { hasSqlite } from './served-controller.ts';

/* A device learns and dies with its SD card; a new one, with a backup that the controller cannot read, goes on. */
/** Long enough that no file has them by chance. */
const LABELS = ['standstill-of-the-pump', 'cavitation-of-the-pump'];
const HELD = Array.from({ length: 20 }, (_, k) => [Math.sin(k), Math.cos(3 * k)]);

let folder: string;
let broker: Mosquitto | undefined;
let link: MqttLink | undefined;
let commands: RunningCommand[];
let time: number;
const heard = new Map<number, string | null>();
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  [commands, time] = [[], Date.UTC(2026, 10, 30)];
  heard.clear();
  folder = await mkdtemp(join(tmpdir(), 'spikewire-fleet-backup-'));
});
afterEach(async () => {
  await link?.close();
  await killAll(commands);
  await broker?.close();
  [link, broker] = [undefined, undefined];
  await rm(folder, { recursive: true, force: true });
});

async function spikewire(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(words, folder);
  expect([words.join(' '), code, stderr]).toEqual([words.join(' '), 0, '']);
  return stdout;
}

async function refusalOf(...words: string[]): Promise<string> {
  const { code, stderr } = await runCommand(words, folder);
  expect([code === 0, stderr.trim().split('\n').length]).toEqual([false, 1]);
  return stderr;
}

async function publish(seed: number): Promise<void> {
  const channels = ['vibration', 'current'].map((name) => ({ name, unit: '' }));
  const standardise = { mean: [0, 0], deviation: [1, 1] };
  const model = classifierModel({ channels, labels: LABELS, standardise, running: false, neurons: 24, seed });
  await writeFile(at('pump.spike'), writeModel(model));
  await spikewire('fleet', 'publish', 'pump.spike', '--to', 'site', '--keys', 'keys');
}

function start(...words: string[]): RunningCommand {
  const command = startCommand(words, folder);
  commands.push(command);
  return command;
}

async function startAgent(device: string, ...words: string[]): Promise<RunningCommand> {
  const where = ['--repository', 'site', '--root', 'site/metadata/1.root.json', '--config', 'agent.json'];
  const agent = start('agent', ...where, '--mqtt', broker!.url, '--folder', device, ...words);
  await agent.says(/pump: model: /);
  return agent;
}

async function stop(agent: RunningCommand): Promise<void> {
  agent.process.kill('SIGTERM');
  expect(await agent.ended).toBe(0);
}

/** Sends a reading, and returns what the model says. */
async function ask([vibration, current]: readonly number[]): Promise<string | null> {
  time += 1000;
  const t = time;
  await link!.publish('mill/pump', JSON.stringify({ t: t / 1000, values: { vibration, current } }));
  await until(() => heard.has(t));
  return heard.get(t)!;
}

async function teach(): Promise<void> {
  const random = new RandomGenerator(1, 'lessons');
  for (let k = 0; k < 40; k++) {
    const level = 2 * (k % 2) - 1;
    await ask([level + 0.3 * random.nextNormal(), level + 0.3 * random.nextNormal()]);
    await link!.publish('mill/pump/label', JSON.stringify({ label: LABELS[k % 2], t: time / 1000 }));
  }
}

/** Answers to readings that nobody labels. */
async function answers(): Promise<(string | null)[]> {
  const all: (string | null)[] = [];
  for (const values of HELD) all.push(await ask(values));
  return all;
}

it('a new device continues with what the one that it replaces has learned', async (context) => {
  if (!hasSqlite) context.skip('needs SQLite, which this release of Node does not have');
  needs(context, 'mosquitto');
  broker = await startMosquitto();
  link = await MqttLink.connect(broker!.url, { clientId: 'mill', random: () => 0.5 });
  await link.subscribe('mill/pump/state', ({ payload }) => {
    const { t, result } = JSON.parse(Buffer.from(payload).toString());
    heard.set(t, result);
  });
  const pump = { stream: { in: 'mill/pump', out: 'mill/pump/state' }, threads: 0 };
  await writeFile(at('agent.json'), JSON.stringify({ machines: { pump } }));
  await spikewire('fleet', 'init', 'site', '--keys', 'keys');
  await publish(1);
  const controller = start('fleet', 'serve', '--port', '0', '--every', '1', '--json');
  await controller.says(/"port":\d+/);
  const { address } = JSON.parse(controller.stdout());
  const fleet = (...words: string[]) => ['fleet', ...words, '--controller', address];
  const { token } = await resultOf(fleet('token', '--uses', '2', '--label', 'site=mill'), folder);
  await spikewire('fleet', 'backup-key', 'recovery.pem');
  const join = ['--controller', address, '--join', token];
  const backups = ['--backup-key-file', 'recovery.pem.pub', '--backup-every', '0.001'];

  // The private key is not for devices.
  const wrong = [
    '--backup-key-file',
    'recovery.pem',
    '--folder',
    'old',
    '--repository',
    'site',
    '--config',
    'agent.json',
  ];
  expect(await refusalOf('agent', ...wrong, ...join)).toContain('is the private part of a recovery key');

  // The old device learns, is backed up, and its SD card dies.
  const learning = await startAgent('old', ...join, '--device-name', 'north');
  await learning.says(/this device has joined/);
  const { device: old } = (await resultOf(['agent', 'status', '--folder', 'old'], folder)).controller;
  expect(await refusalOf(...fleet('devices', 'fetch-backup', old, 'x', '--recovery-key', 'recovery.pem'))).toContain(
    `device ${old}: has no backup here; expected a device that runs with --backup-key-file`,
  );
  await teach();
  await stop(learning);
  const dying = await startAgent('old', ...backups);
  await dying.says(/backed up what pump learned/);
  const learned = await answers();
  expect(learned).toEqual(expect.arrayContaining(LABELS));
  await killAll([dying]);
  await rm(at('old'), { recursive: true });
  const { backups: listed } = await resultOf(fleet('devices', 'show', old), folder);
  expect(listed).toEqual([{ number: expect.any(Number), time: expect.any(Number), bytes: expect.any(Number) }]);

  // Nothing of it can be read in the controller.
  for (const name of ['controller.db', 'controller.db-wal']) {
    const bytes = await readFile(at('controller', name));
    for (const label of [...LABELS, 'SPIKSLOT']) expect([name, bytes.includes(label)]).toEqual([name, false]);
  }

  // A newer model is there by now: the new device begins with the one that has learned.
  await publish(2);

  // The operator decrypts it with the right key only, and the new device restores it before it starts.
  const fetch = (key: string, file: string) => fleet('devices', 'fetch-backup', old, file, '--recovery-key', key);
  await spikewire('fleet', 'backup-key', 'other.pem');
  expect(await refusalOf(...fetch('other.pem', 'x'))).toContain('was encrypted for another recovery key');
  expect(await spikewire(...fetch('recovery.pem', 'north.backup'))).toMatch(
    /^north\.backup: what pump had learned until 2/,
  );
  expect(await refusalOf(...fetch('recovery.pem', 'north.backup'))).toContain('already exists');
  const plain = await readFile(at('north.backup'));
  for (const label of LABELS) expect(plain.includes(label)).toBe(true);
  const restore = ['agent', 'restore', 'north.backup', '--folder', 'new'];
  expect(await spikewire(...restore)).toContain('nothing was restored');
  expect(await spikewire(...restore, '--yes')).toContain('new: restored pump');
  expect(await refusalOf(...restore, '--yes')).toContain('already exists; expected a folder without this machine');

  const agent = await startAgent('new', ...join, '--device-name', 'spare');
  await agent.says(/this device has joined/);
  expect(await refusalOf(...restore, '--yes', '--force')).toMatch(/in use by .*, pid \d+/);
  const { device } = (await resultOf(['agent', 'status', '--folder', 'new'], folder)).controller;
  expect(device).not.toBe(old);
  await spikewire(...fleet('devices', 'replace', device, old));
  expect(await resultOf(fleet('devices', 'show', device), folder)).toMatchObject({ name: 'north' });
  expect(await answers()).toEqual(learned);
  const { entries } = await resultOf(fleet('history', '--about', old), folder);
  expect(entries.map(({ action }: { action: string }) => action)).toEqual([
    ...['replace', 'fetch-backup', 'fetch-backup', 'fetch-backup', 'join'],
  ]);
  await stop(agent);
});
