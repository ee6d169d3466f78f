import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { needsPostgres } from '../postgres.ts';
import { needs } from '../services.ts';
import type { PartStatus } from './cluster/cluster.ts';

const COMMAND = fileURLToPath(new URL('../../fleet/cluster.mjs', import.meta.url));

let own: string;
let folder: string;
beforeEach(async () => {
  own = await mkdtemp(join(tmpdir(), 'spikewire-cluster-'));
  await chmod(own, 0o711); // the user of PostgreSQL goes through it
  folder = join(own, 'cluster');
});
afterEach(async () => {
  if (existsSync(folder)) await cluster('down');
  await rm(own, { recursive: true, force: true });
});

function cluster(...words: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...words, '--folder', folder], (failure, stdout, stderr) =>
      resolve({ code: failure?.code ?? 0, stdout, stderr }),
    );
  });
}

/** What an action says with `--json`. */
async function said(...words: string[]) {
  const { code, stdout, stderr } = await cluster(...words, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

/** Parts in this state, sorted. */
async function partsThat(state: PartStatus['state']): Promise<string[]> {
  const { parts } = (await said('status')) as { parts: PartStatus[] };
  return parts.flatMap((part) => (part.state === state ? [part.name] : [])).sort();
}

/** Processes of this machine that have the folder in their command line, and all that they have started. */
async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const seen = await Promise.all(
    pids.map(async (pid) => ({
      pid,
      isNamed: (await read(pid, 'cmdline')).includes(folder),
      parent: Number((await read(pid, 'stat')).split(') ').at(-1)?.split(' ')[1]),
    })),
  );
  const found = new Set(seen.flatMap(({ pid, isNamed }) => (isNamed ? [pid] : [])));
  for (const { pid, parent } of seen.sort((a, b) => a.pid - b.pid)) if (found.has(parent)) found.add(pid);
  return [...found];
}

/** Without those that have ended, and that the first process of the machine has not noticed yet. */
async function livingOf(pids: readonly number[]): Promise<number[]> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')));
  return pids.filter((_, k) => stats[k]!.split(') ').at(-1)![0] !== 'Z');
}

it('one command starts all servers of a fleet, kills and starts single ones, and takes all down', async (context) => {
  needs(context, 'nats-server');
  needsPostgres(context);
  const begun = performance.now();
  const state = await said('up', '--every', '20');
  expect(performance.now() - begun).toBeLessThan(60_000);
  const names = ['controller-1', 'controller-2', 'nats-1', 'nats-2', 'nats-3', 'postgres'];
  expect(Object.keys(state.parts).sort()).toEqual(names);
  expect(state).toMatchObject({
    database: expect.stringMatching(/^postgres:\/\/postgres@127\.0\.0\.1:\d+\/postgres$/),
    brokers: [1, 2, 3].map(() => expect.stringMatching(/^mqtt:\/\/127\.0\.0\.1:\d+$/)),
    controllers: [1, 2].map((k) => ({
      address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      pid: state.parts[`controller-${k}`],
    })),
  });
  expect(JSON.parse(await readFile(join(folder, 'cluster.json'), 'utf8'))).toEqual(state);
  expect(await partsThat('answers')).toEqual(names);

  const headers = { authorization: `Bearer ${(await readFile(state.tokenFile, 'utf8')).trim()}` };
  const { address } = state.controllers[1];
  expect((await fetch(new URL('/v1/devices', address), { headers })).status).toBe(200);

  const again = await cluster('up');
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('has a cluster that runs already')]);

  await said('kill', 'nats-2');
  await said('kill', 'controller-1');
  expect(await partsThat('ended')).toEqual(['controller-1', 'nats-2']);
  expect((await fetch(new URL('/v1/devices', address), { headers })).status).toBe(200);
  const twice = await cluster('kill', 'nats-2');
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('nats-2: has ended already')]);

  await said('start', 'nats-2');
  await said('start', 'controller-1');
  expect(await partsThat('answers')).toEqual(names);

  const processes = await processesOf(folder);
  expect(processes.length).toBeGreaterThan(names.length); // PostgreSQL has several
  await said('down');
  expect([existsSync(folder), await livingOf(processes)]).toEqual([false, []]);
  expect(await processesOf(folder)).toEqual([]);
}, 300_000);

it('a cluster of one mosquitto, one controller and SQLite', async (context) => {
  needs(context, 'mosquitto');
  if (process.getBuiltinModule?.('node:sqlite') === undefined) context.skip('needs SQLite, which this Node has not');
  const state = await said('up', '--brokers', 'mosquitto', '--without', 'postgres');
  expect(Object.keys(state.parts).sort()).toEqual(['controller-1', 'mosquitto']);
  expect([state.brokers.length, existsSync(state.database)]).toEqual([1, true]);
  await said('down');
  expect(await processesOf(folder)).toEqual([]);
});

it('an action of the cluster that cannot be done says why in one line', async () => {
  const lines = [
    [['down'], `${folder}: has no cluster; expected the folder of "cluster.mjs up"`],
    [['restart'], 'action: is restart; expected up, down, status, kill, start'],
    [['kill'], 'kill: 0 names of parts; expected 1'],
    [['up', '--brokers', 'kafka'], '--brokers: is kafka; expected nats, mosquitto or none'],
  ] as const;
  for (const [words, line] of lines)
    expect(await cluster(...words)).toEqual({ code: 2, stdout: '', stderr: `cluster: ${line}\n` });
});
