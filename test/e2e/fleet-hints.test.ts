import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classifierModel, writeModel } from '@spikewire/models';
import type { Orders } from 'spikewire/agent';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, resultOf, runCommand, startCommand, until } from './command.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';
import { asked, hasSqlite, serveController } from './served-controller.ts';

/* A controller that has a broker, and an agent that would report only after many minutes by itself. */
let folder: string;
let broker: Mosquitto | undefined;
let commands: RunningCommand[];
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  [commands, broker] = [[], undefined];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-fleet-hints-'));
});
afterEach(async () => {
  await killAll(commands);
  await broker?.close();
  await rm(folder, { recursive: true, force: true });
});

function start(...words: string[]): RunningCommand {
  const command = startCommand(words, folder);
  commands.push(command);
  return command;
}

async function spikewire(...words: string[]): Promise<void> {
  const { code, stderr } = await runCommand(words, folder);
  expect([code, stderr]).toEqual([0, '']);
}

async function publish(neurons: string): Promise<void> {
  await mkdir(at(neurons));
  const channels = ['vibration', 'current'].map((name) => ({ name, unit: '' }));
  const standardise = { mean: [0, 0], deviation: [1, 1] };
  const options = { channels, labels: ['off', 'on'], standardise, running: false, seed: 1 };
  await writeFile(at(neurons, 'pump.spike'), writeModel(classifierModel({ ...options, neurons: Number(neurons) })));
  await spikewire('fleet', 'publish', `${neurons}/pump.spike`, '--to', 'site', '--keys', 'keys');
}

/** A broker, a controller, and an agent with a base that has joined it. */
async function startFleet(context: TestContext) {
  needs(context, 'mosquitto');
  if (!hasSqlite) context.skip('needs SQLite, which this release of Node does not have');
  broker = await startMosquitto();
  const { url } = broker!;
  const trust = ['--repository', 'site', '--root', 'site/metadata/1.root.json'];
  await spikewire('fleet', 'init', 'site', '--keys', 'keys');
  await publish('24');

  const served = await serveController(folder, '--every', '1500', '--mqtt', url, ...trust);
  const { address, tokenFile, command: controller } = served;
  commands.push(controller);
  const { token } = await asked(served, 'token');
  const machines = { pump: { stream: { in: 'mill/pump', out: 'mill/pump/state' }, threads: 0 } };
  await writeFile(at('agent.json'), JSON.stringify({ machines }));
  const agent = start(
    ...['agent', ...trust, '--config', 'agent.json', '--mqtt', url],
    ...['--controller', address, '--join', token],
  );
  await agent.says(/pump: model: stable/);
  const { controller: member } = await resultOf(['agent', 'status'], folder);
  const authorization = `Bearer ${(await readFile(tokenFile!, 'utf8')).trim()}`;
  const get = (path: string) => fetch(new URL(path, address), { headers: { authorization } });
  return { url, served, controller, agent, get, device: member.device as string };
}

const orders = async (): Promise<Orders> =>
  JSON.parse(await readFile(at('agent', '.fleet', 'orders.json'), 'utf8')).orders;

it('a device gets new orders within seconds by a hint, also after its broker was gone', async (context) => {
  const { url, served, controller, agent, get, device } = await startFleet(context);
  expect(await orders()).toEqual({ machines: { pump: { kind: 'keep' } }, every: 1500 });

  /** Everything that is ever said on these topics. */
  const heard: string[] = [];
  const listener = await MqttLink.connect(url, {
    ...{ clientId: 'listener', random: () => 0.5 },
    subscriptions: [
      {
        filter: 'spikewire/#',
        handler: ({ topic, payload, retain }) => void heard.push(`${topic} ${payload} ${retain}`),
      },
    ],
  });

  await publish('32');
  await writeFile(at('rollout.json'), JSON.stringify({ model: 'pump' }));
  const begun = performance.now();
  const { rollout } = await asked(served, 'rollout', 'begin', 'rollout.json');
  await until(async () => (await orders()).machines.pump?.kind === 'try');
  expect(performance.now() - begun).toBeLessThan(60_000);

  await broker!.kill();
  await asked(served, 'rollout', 'pause', rollout); // the controller goes on
  await asked(served, 'rollout', 'abort', rollout);
  await broker!.start();
  await until(async () => (await orders()).machines.pump?.kind !== 'try');

  expect([...new Set(heard)]).toEqual([`spikewire/fleet/${device}/hint  false`]);
  const gone = controller.stderr().match(/devices get no hints until the broker answers/g);
  expect(gone).toHaveLength(1);
  const metrics = await (await get('/metrics')).text();
  expect(metrics).toMatch(/^spikewire_fleet_hints_total\{result="sent"\} [1-9]/m);
  await listener.close();
  for (const command of [agent, controller]) command.process.kill('SIGTERM');
  expect(await Promise.all([agent.ended, controller.ended])).toEqual([0, 0]);
});

it('live values of a device come while somebody looks, and nothing goes over the broker otherwise', async (context) => {
  const { url, controller, agent, get, device } = await startFleet(context);
  const own = `spikewire/fleet/${device}`;
  const heard: { readonly topic: string; readonly retain: boolean; readonly at: number }[] = [];
  /** What the model has answered, which is what live values have to say. */
  const answers: unknown[] = [];
  const link = await MqttLink.connect(url, {
    ...{ clientId: 'machine', random: () => 0.5 },
    subscriptions: [
      {
        filter: 'spikewire/#',
        handler: ({ topic, retain }) => void heard.push({ topic, retain, at: performance.now() }),
      },
      { filter: 'mill/pump/state', handler: ({ payload }) => void answers.push(JSON.parse(String(payload)).result) },
    ],
  });
  const live = () => heard.filter(({ topic }) => topic === `${own}/live/pump`);
  for (let k = 0; k < 20; k++) {
    const values = { vibration: k % 2, current: 1 - (k % 2) };
    await link.publish('mill/pump', JSON.stringify({ t: k, values }));
    await until(() => answers.length > k);
    await link.publish('mill/pump/label', JSON.stringify({ label: k % 2 === 0 ? 'off' : 'on', t: k }));
  }
  expect(heard).toEqual([]);

  const response = await get(`/v1/devices/${device}/live`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('data:')) text += (await reader.read()).value;
  const answer = answers.at(-1);
  expect(answer).toMatch(/^(off|on)$/);
  expect(JSON.parse(/data: (.*)\n\n/.exec(text)![1]!)).toEqual({
    machines: [{ machine: 'pump', readings: 20, answer }],
  });
  await reader.cancel();
  const left = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 18_000));
  expect(live().at(-1)!.at - left).toBeLessThan(16_000);
  expect(heard.some(({ retain }) => retain)).toBe(false);
  expect(live().length).toBeLessThanOrEqual((live().at(-1)!.at - live()[0]!.at) / 900 + 1);
  expect(new Set(heard.map(({ topic }) => topic))).toEqual(new Set([`${own}/look`, `${own}/live/pump`]));
  await link.close();
  expect([controller.stderr(), agent.stderr()].join('')).not.toContain('hints:');
  for (const command of [agent, controller]) command.process.kill('SIGTERM');
  expect(await Promise.all([agent.ended, controller.ended])).toEqual([0, 0]);
});

it('a controller refuses what belongs to a broker where it has none', async () => {
  const { code, stderr } = await runCommand(['fleet', 'serve', '--port', '0', '--mqtt-user', 'ann'], folder);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--mqtt-user: needs a broker; expected --mqtt <url>')]);
});
