import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, writeModel } from '@spikewire/models';
import type { MachineOrder, MachineReport } from 'spikewire/agent';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { answer, TestController } from '../../runtime/src/agent/fleet/controller.test-data.ts';
import { pathOfTarget } from '../../runtime/src/agent/repository/download.ts';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, resultOf, runCommand, startCommand, until } from './command.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

/* A real agent, its repository of models, and a controller that decides which of them it tries and installs. */
let folder: string;
let broker: Mosquitto | undefined;
let controller: TestController;
let commands: RunningCommand[];
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  [commands, broker] = [[], undefined];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-agent-controller-'));
  controller = await TestController.open();
  await spikewire('fleet', 'init', 'site', '--keys', 'keys');
});
afterEach(async () => {
  await killAll(commands);
  await controller.close();
  await broker?.close();
  await rm(folder, { recursive: true, force: true });
});

async function spikewire(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(words, folder);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

function model(seed: number): Buffer {
  const channels = ['vibration', 'current'].map((name) => ({ name, unit: '' }));
  const standardise = { mean: [0, 0], deviation: [1, 1] };
  const options = { channels, labels: ['off', 'on'], standardise, running: false, neurons: 24, seed };
  return Buffer.from(writeModel(classifierModel(options)));
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Returns the SHA-256 of its file. */
async function publish(seed: number): Promise<string> {
  const bytes = model(seed);
  await mkdir(at(`v${seed}`), { recursive: true });
  await writeFile(at(`v${seed}`, 'pump.spike'), bytes);
  await spikewire('fleet', 'publish', `v${seed}/pump.spike`, '--to', 'site', '--keys', 'keys');
  return digest(bytes);
}

/** A broker, and the configuration of an agent of one machine. */
async function prepare(context: TestContext): Promise<void> {
  needs(context, 'mosquitto');
  broker = await startMosquitto();
  const machines = { pump: { stream: { in: 'mill/pump', out: 'mill/pump/state' }, threads: 0 } };
  await writeFile(at('agent.json'), JSON.stringify({ machines }));
}

function startAgent(...words: string[]): RunningCommand {
  const where = ['--repository', 'site', '--root', 'site/metadata/1.root.json', '--config', 'agent.json'];
  const command = startCommand(['agent', ...where, '--mqtt', broker!.url, ...words], folder);
  commands.push(command);
  return command;
}

const report = () => {
  const { machines = [] } = (controller.reports.at(-1)?.body ?? {}) as { readonly machines?: MachineReport[] };
  return machines.find(({ machine }) => machine === 'pump');
};

/** The controller orders something; resolves when a report says what came of it. */
async function order(pump: MachineOrder, isDone: (reported: MachineReport) => boolean): Promise<void> {
  controller.orders = { machines: { pump }, every: 1 };
  await until(() => report() !== undefined && isDone(report()!));
}

it('a stolen controller makes no agent run what is not signed, or what is older', async (context) => {
  await prepare(context);
  const older = await publish(1);
  const newest = await publish(2);
  // The thief has put the model on the web server, too: only its signature is missing.
  const foreign = model(3);
  const unsigned = digest(foreign);
  await writeFile(at('site', pathOfTarget({ name: 'stable/pump.spike', sha256: unsigned })), foreign);

  controller.orders = { machines: { pump: { kind: 'keep' } }, every: 1 };
  const agent = startAgent('--controller', controller.address, '--join', 'one-time');
  await until(() => report()?.base?.sha256 === newest);
  for (const sha256 of [unsigned, older]) {
    for (const kind of ['install', 'try'] as const) {
      const ordered = { kind, sha256, carrying: 'reset', watch: false } as const;
      await order(ordered, ({ unoffered }) => unoffered === sha256);
      const { length } = controller.reports;
      await until(() => controller.reports.length > length + 2);
      expect(report()).toMatchObject({ base: { sha256: newest }, candidate: null });
      expect(report()!.state).toMatch(/^(idle|check)$/);
    }
  }
  agent.process.kill('SIGTERM');
  expect(await agent.ended).toBe(0);
});

it('an agent joins a controller, obeys it, keeps its orders, and decides by itself when dismissed', async (context) => {
  await prepare(context);
  const first = await publish(1);

  for (const [option, value, problem] of [
    ['--controller', controller.address, '--join with one of'],
    ['--controller-ca', 'ca.pem', 'agent --controller-ca: names no controller'],
  ] as const) {
    const words = ['agent', '--repository', 'site', '--config', 'agent.json', option, value];
    const refused = await runCommand(words, folder);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(problem)]);
  }

  // Its first base comes only when the controller allows it.
  controller.orders = { machines: { pump: { kind: 'wait' } }, every: 1 };
  const join = ['--controller', controller.address, '--join', 'one-time', '--device-name', 'mill 1'];
  const agent = startAgent(...join);
  await agent.says(/controller: this device has joined/);
  expect((await stat(at('agent', '.fleet', 'identity.json'))).mode & 0o777).toBe(0o600);
  await until(() => controller.reports.length > 2);
  expect(report()).toMatchObject({ machine: 'pump', model: 'pump', channel: 'stable', base: null, state: 'idle' });
  await order({ kind: 'keep' }, ({ base }) => base?.sha256 === first);

  // What is published is not looked at until the controller orders it.
  const next = await publish(2);
  await spikewire('agent', 'look');
  await order({ kind: 'try', sha256: next, carrying: 'reset' }, ({ state }) => state === 'shadow');
  expect(report()!.trial).toMatchObject({ sha256: next, ways: [{ carrying: 'reset', compared: 0 }] });
  const { stdout } = await runCommand(['agent', 'status'], folder);
  expect(stdout).toMatch(/^controller http:\/\/127.*: member, device [0-9a-f]{32}, last report 2/);
  expect(stdout).toContain(`order of the controller: try file ${next.slice(0, 8)}`);
  const approval = await runCommand(['agent', 'approve'], folder);
  expect(approval.stderr).toContain('the controller of this device decides what is installed');

  // A hint by the broker makes it report, however far the next report is.
  controller.orders = { machines: { pump: { kind: 'try', sha256: next, carrying: 'reset' } }, every: 3600 };
  const kept = async () => JSON.parse(await readFile(at('agent', '.fleet', 'orders.json'), 'utf8'));
  await until(async () => (await kept()).orders.every === 3600);
  const link = await MqttLink.connect(broker!.url, { clientId: 'controller', random: () => 0.5 });
  const { device } = controller.reports.at(-1)!;
  for (const topic of [`spikewire/fleet/${device}/hint`, 'spikewire/fleet/hint']) {
    const { length } = controller.reports;
    await link.publish(topic, '');
    await until(() => controller.reports.length > length);
  }
  await link.close();

  // Killed, and started without a controller in reach, by what it has kept.
  await killAll([agent]);
  const { address } = controller;
  controller.manners = (_, response) => response.destroy();
  const again = startAgent();
  await until(async () => (await resultOf(['agent', 'status'], folder)).machines[0].update?.state === 'shadow');
  controller.manners = () => 'as usual';
  expect((await resultOf(['agent', 'status'], folder)).controller).toMatchObject({ controller: address });
  controller.orders = { machines: {}, every: 1 };
  again.process.kill('SIGHUP'); // it reports at once

  await order({ kind: 'install', sha256: next, carrying: 'reset', watch: true }, ({ state }) => state === 'probation');
  expect(report()).toMatchObject({ base: { sha256: next, carrying: 'reset' }, former: first });
  await order({ kind: 'leave', sha256: next }, ({ base, state }) => base?.sha256 === first && state === 'idle');
  expect(report()!.refused).toEqual([]); // the controller knows what it has stopped itself

  const { device: id } = (await resultOf(['agent', 'status'], folder)).controller;
  controller.manners = (_, response) => answer(response, 410, { error: 'it was retired', device: id });
  await again.says(/has dismissed this device/);
  expect((await resultOf(['agent', 'status'], folder)).controller.membership).toBe('dismissed');
  again.process.kill('SIGTERM');
  expect(await again.ended).toBe(0);
});
