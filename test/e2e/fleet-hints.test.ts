import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Orders } from 'spikewire/agent';
import { MqttLink } from 'spikewire/mqtt';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, resultOf, runCommand, startCommand, until } from './command.ts';
import { type Mosquitto, startMosquitto } from './mosquitto.ts';

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
  const channels = ['--channels', 'vibration,current', '--labels', 'off,on', '--neurons', neurons];
  await spikewire('new', 'classifier', ...channels, '--out', `${neurons}/pump.spike`);
  await spikewire('fleet', 'publish', `${neurons}/pump.spike`, '--to', 'site', '--keys', 'keys');
}

it('a device gets new orders within seconds by a hint, also after its broker was gone', async (context) => {
  needs(context, 'mosquitto');
  if (process.getBuiltinModule?.('node:sqlite') === undefined) context.skip('needs SQLite');
  broker = await startMosquitto();
  const { url } = broker!;
  const trust = ['--repository', 'site', '--root', 'site/metadata/1.root.json'];
  await spikewire('fleet', 'init', 'site', '--keys', 'keys');
  await publish('24');

  const controller = start('fleet', 'serve', '--port', '0', '--json', '--every', '1500', '--mqtt', url, ...trust);
  await controller.says(/"port":\d+/);
  const { address, tokenFile } = JSON.parse(controller.stdout());
  const asked = (action: string, ...words: string[]) =>
    resultOf(['fleet', action, ...words, '--controller', address, '--token-file', tokenFile], folder);
  const { token } = await asked('token');
  const machines = { pump: { stream: { in: 'mill/pump', out: 'mill/pump/state' }, threads: 0 } };
  await writeFile(at('agent.json'), JSON.stringify({ machines }));
  const agent = start(
    ...['agent', ...trust, '--config', 'agent.json', '--mqtt', url],
    ...['--controller', address, '--join', token],
  );
  const orders = async (): Promise<Orders> =>
    JSON.parse(await readFile(at('agent', '.fleet', 'orders.json'), 'utf8')).orders;
  await agent.says(/pump: model: stable/);
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
  const { rollout } = await asked('rollout', 'begin', 'rollout.json');
  await until(async () => (await orders()).machines.pump?.kind === 'try');
  expect(performance.now() - begun).toBeLessThan(60_000);

  await broker!.kill();
  await asked('rollout', 'pause', rollout); // the controller goes on
  await asked('rollout', 'abort', rollout);
  await broker!.start();
  await until(async () => (await orders()).machines.pump?.kind !== 'try');

  const { controller: member } = await resultOf(['agent', 'status'], folder);
  expect([...new Set(heard)]).toEqual([`spikewire/fleet/${member.device}/hint  false`]);
  const gone = controller.stderr().match(/devices get no hints until the broker answers/g);
  expect(gone).toHaveLength(1);
  const authorization = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
  const metrics = await (await fetch(new URL('/metrics', address), { headers: { authorization } })).text();
  expect(metrics).toMatch(/^spikewire_fleet_hints_total\{result="sent"\} [1-9]/m);
  await listener.close();
  for (const command of [agent, controller]) command.process.kill('SIGTERM');
  expect(await Promise.all([agent.ended, controller.ended])).toEqual([0, 0]);
});

it('a controller refuses what belongs to a broker where it has none', async () => {
  const { code, stderr } = await runCommand(['fleet', 'serve', '--port', '0', '--mqtt-user', 'ann'], folder);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--mqtt-user: is given without --mqtt')]);
});
