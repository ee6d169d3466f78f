import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, RandomGenerator, writeModel } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, resultOf, runCommand, startCommand, until } from './command.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

/* One process looks after several machines: their models come from a repository, their readings from a broker. */
const LABELS = ['off', 'on'];
const CHANNELS = ['vibration', 'current'].map((name) => ({ name, unit: '' }));

let folder: string;
let broker: Mosquitto | undefined;
let link: MqttLink | undefined;
let commands: RunningCommand[];
let time: number;
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  [commands, time] = [[], Date.UTC(2026, 10, 30)];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-agent-'));
  await spikewire('fleet', 'init', 'site', '--keys', 'keys');
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
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

async function publish(name: string, seed: number): Promise<void> {
  const standardise = { mean: [0, 0], deviation: [1, 1] };
  const options = { channels: CHANNELS, labels: LABELS, standardise, running: false, neurons: 24, seed };
  await mkdir(at(`v${seed}`), { recursive: true });
  await writeFile(at(`v${seed}`, `${name}.spike`), writeModel(classifierModel(options)));
  await spikewire('fleet', 'publish', `v${seed}/${name}.spike`, '--to', 'site', '--keys', 'keys');
}

async function startAgent(...words: string[]): Promise<RunningCommand> {
  const where = ['--repository', 'site', '--root', 'site/metadata/1.root.json', '--config', 'agent.json'];
  const command = startCommand(['agent', ...where, '--mqtt', broker!.url, ...words], folder);
  commands.push(command);
  await command.says(/pump: (update: there is no model yet|model: )/);
  return command;
}

const status = () => resultOf(['agent', 'status'], folder);
async function statusOf(machine: string) {
  const { machines } = await status();
  return machines.find((each: { machine: string }) => each.machine === machine);
}

/** Sends a reading to a machine, and returns what its model says. */
async function ask(machine: string, values: readonly number[]): Promise<string | null> {
  time += 1000;
  const [t, answers] = [time, answersOf(machine)];
  const [vibration, current] = values;
  await link!.publish(`mill/${machine}`, JSON.stringify({ t: t / 1000, values: { vibration, current } }));
  await until(() => answers.has(t));
  return answers.get(t)!;
}

const heard = new Map<string, Map<number, string | null>>();
function answersOf(machine: string) {
  if (!heard.has(machine)) heard.set(machine, new Map());
  return heard.get(machine)!;
}

async function teach(machine: string): Promise<void> {
  const random = new RandomGenerator(1, machine);
  for (let k = 0; k < 40; k++) {
    const level = 2 * (k % 2) - 1;
    await ask(machine, [level + 0.3 * random.nextNormal(), level + 0.3 * random.nextNormal()]);
    await link!.publish(`mill/${machine}/label`, JSON.stringify({ label: LABELS[k % 2], t: time / 1000 }));
  }
}

it('runs machines with models from a repository, through faults, kills and weeks without a network', async (context) => {
  needs(context, 'mosquitto');
  broker = await startMosquitto();
  link = await MqttLink.connect(broker!.url, { clientId: 'mill', random: () => 0.5 });
  await link.subscribe('mill/+/state', ({ topic, payload }) => {
    const { t, result } = JSON.parse(Buffer.from(payload).toString());
    answersOf(topic.split('/')[1]!).set(t, result);
  });
  const streamOf = (name: string) => ({ stream: { in: `mill/${name}`, out: `mill/${name}/state` }, threads: 0 });
  const machines = {
    pump: streamOf('pump'),
    fan: { ...streamOf('fan'), update: { model: 'motor' } },
    // Nothing has this sensor: it must not keep the others from running.
    boiler: { update: { model: 'motor' }, sensor: { address: 'nothing:here' } },
  };
  await writeFile(at('agent.json'), JSON.stringify({ machines }));

  // Nothing is published yet: it waits, and begins when something is.
  const first = await startAgent();
  await first.says(/pump: update: .*no model for this device.*; no model runs yet/);
  expect((await statusOf('pump')).summary).toMatch(/^no model runs yet/);
  await publish('pump', 1);
  await publish('motor', 1);
  await spikewire('agent', 'look');
  await first.says(/pump: model: stable\/pump\.spike/);
  await first.says(/fan: model: stable\/motor\.spike/);
  await first.says(/boiler: .*nothing.*; it is started again in 5 s/);
  expect((await statusOf('boiler')).summary).toMatch(/^does not run: .*nothing/);

  // The machines learn, each for itself.
  await teach('pump');
  expect(await ask('pump', [1, 1])).toBe('on');
  expect(await ask('pump', [-1, -1])).toBe('off');
  expect(await ask('fan', [1, 1])).toBeNull();

  // An order is for one machine; another update does not disturb the others.
  await publish('pump', 2);
  await spikewire('agent', 'look', '--machine', 'pump');
  await until(async () => (await statusOf('pump')).update.state === 'shadow');
  const { code, stderr } = await runCommand(['agent', 'approve'], folder);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('needs one machine; expected --machine with one of pump'),
  ]);
  await spikewire('agent', 'approve', '--machine', 'pump');
  await until(async () => (await statusOf('pump')).update.state === 'probation');
  expect((await statusOf('fan')).update.state).toBe('idle');
  const { digest } = (await statusOf('pump')).update.current;

  // Another process cannot take the folder.
  const second = await runCommand(['agent', '--repository', 'site', '--config', 'agent.json'], folder);
  expect([second.code, second.stderr]).toEqual([1, expect.stringMatching(/in use by .*, pid \d+/)]);

  // Killed, and started where no repository is: all go on with what they have and know.
  await killAll([first]);
  expect((await statusOf('pump')).running).toBe(false);
  await rename(at('site'), at('away'));
  await mkdir(at('site', 'metadata'), { recursive: true });
  await writeFile(at('site', 'metadata', '1.root.json'), '{}');
  const again = await startAgent();
  await again.says(/fan: model: stable\/motor\.spike/);
  expect((await statusOf('pump')).update.current.digest).toBe(digest);
  expect(await ask('pump', [1, 1])).toBe('on');
  expect(await ask('pump', [-1, -1])).toBe('off');
  again.process.kill('SIGTERM');
  expect(await again.ended).toBe(0);
});

it('two agents on one host, with machines of the same name, are different clients of the broker', async (context) => {
  needs(context, 'mosquitto');
  broker = await startMosquitto();
  await publish('pump', 1);
  link = await MqttLink.connect(broker!.url, { clientId: 'mill', random: () => 0.5 });
  await link.subscribe('mill/+/state', ({ topic, payload }) => {
    const { t, result } = JSON.parse(Buffer.from(payload).toString());
    answersOf(topic.split('/')[1]!).set(t, result);
  });
  const ready = new Set<string>();
  await link.subscribe('mill/+/state/link', ({ topic, payload }) => {
    ready[Buffer.from(payload).toString() === 'ready' ? 'add' : 'delete'](topic);
  });
  const agents: RunningCommand[] = [];
  for (const name of ['north', 'south']) {
    const pump = { stream: { in: `mill/${name}`, out: `mill/${name}/state` }, threads: 0 };
    await writeFile(at('agent.json'), JSON.stringify({ machines: { pump } }));
    agents.push(await startAgent('--folder', name));
    await until(() => ready.has(`mill/${name}/state/link`));
  }
  for (const name of ['north', 'south', 'north', 'south']) await ask(name, [1, 1]);
  for (const agent of agents) expect(agent.stderr()).not.toContain('took over');
  // The session is kept at the broker for the same agent after its restart.
  await killAll([agents[1]!]);
  time += 1000;
  await link.publish('mill/south', JSON.stringify({ t: time / 1000, values: { vibration: 1, current: 1 } }), {
    qos: 1,
  });
  const t = time;
  await startAgent('--folder', 'south');
  await until(() => answersOf('south').has(t));
});
