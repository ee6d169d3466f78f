import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, resultOf, runCommand, startCommand, until } from './command.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

/* The machines of a device, as well as their models, come from a repository. */
let folder: string;
let broker: Mosquitto | undefined;
let commands: RunningCommand[];
beforeEach(async () => {
  commands = [];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-agent-configuration-'));
  await spikewire('fleet', 'init', 'site', '--keys', 'keys');
  const channels = [{ name: 'x', unit: '' }];
  await writeFile(
    join(folder, 'pump.spike'),
    writeModel(classifierModel({ channels, labels: ['a', 'b'], neurons: 8 })),
  );
  await spikewire('fleet', 'publish', 'pump.spike', '--to', 'site', '--keys', 'keys');
});
afterEach(async () => {
  await killAll(commands);
  await broker?.close();
  await rm(folder, { recursive: true, force: true });
});

async function spikewire(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(words, folder);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

const streamOf = (name: string) => ({
  ...{ stream: { in: `mill/${name}`, out: `mill/${name}/state` }, threads: 0 },
  update: { model: 'pump' },
});
async function configure(...names: string[]): Promise<string> {
  const machines = Object.fromEntries(names.map((name) => [name, streamOf(name)]));
  await writeFile(join(folder, 'mill.json'), JSON.stringify({ machines }));
  return spikewire('fleet', 'configure', 'mill.json', '--for', 'mill', '--to', 'site', '--keys', 'keys');
}

async function startAgent(): Promise<RunningCommand> {
  const where = ['--repository', 'site', '--root', 'site/metadata/1.root.json', '--groups', 'north,mill'];
  const command = startCommand(['agent', ...where, '--mqtt', broker!.url], folder);
  commands.push(command);
  return command;
}

const namesNow = async () => {
  const { machines } = await resultOf(['agent', 'status'], folder);
  return machines.map(({ machine }: { machine: string }) => machine).sort();
};

it('runs the machines that a repository names, follows its changes, and then needs it no more', async (context) => {
  needs(context, 'mosquitto');
  broker = await startMosquitto();
  const first = await startAgent();
  await first.says(/has no configuration for this device.*; no machine runs yet/);
  expect((await runCommand(['agent', 'status'], folder)).stdout).toContain('there is no configuration yet');
  expect((await runCommand(['agent', 'approve'], folder)).stderr).toContain('there is no configuration yet');
  expect(await configure('pump')).toMatch(/^config\/mill\.json: signed and published \(targets version \d+\)/);
  await spikewire('agent', 'look');
  await first.says(/pump: model: stable\/pump\.spike/);
  await configure('pump', 'fan');
  await spikewire('agent', 'look');
  await first.says(/fan: model: stable\/pump\.spike/);
  await until(async () => (await namesNow()).join() === 'fan,pump');

  // What is wrong is refused where it is published, and needs one group.
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ machines: { pump: { threds: 1 } } }));
  const to = ['--to', 'site', '--keys', 'keys'];
  const wrong = await runCommand(['fleet', 'configure', 'wrong.json', '--for', 'mill', ...to], folder);
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/^.*wrong\.json: machines\.pump\.threds: .*\n$/),
  ]);
  const ungrouped = await runCommand(['fleet', 'configure', 'mill.json', ...to], folder);
  expect([ungrouped.code, ungrouped.stderr]).toEqual([2, expect.stringContaining('expected one group of devices')]);

  // Killed, and started where no repository is.
  await killAll([first]);
  await rename(join(folder, 'site'), join(folder, 'away'));
  await mkdir(join(folder, 'site', 'metadata'), { recursive: true });
  await writeFile(join(folder, 'site', 'metadata', '1.root.json'), '{}');
  const again = await startAgent();
  await again.says(/fan: model: stable\/pump\.spike/);
  again.process.kill('SIGTERM');
  expect(await again.ended).toBe(0);
});

it('refuses wrong options for a broker before there is any configuration', async () => {
  const words = ['agent', '--repository', 'site', '--groups', 'mill', '--mqtt', 'mqtt://localhost', '--mqtt-cert', 'a'];
  const { code, stderr } = await runCommand(words, folder);
  expect([code, stderr]).toEqual([2, expect.stringContaining('and --mqtt-key belong together')]);
});

it('says what to give where there is neither a file nor a group', async () => {
  const { code, stderr } = await runCommand(['agent', '--repository', 'site'], folder);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/has no configuration; expected --config with a file, or --groups/),
  ]);
});
