import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { connectDatabase } from '../../fleet/src/controller/database/database.ts';
import {
  deviceReport,
  machineReport,
  sha,
  type TestDevice,
} from '../../fleet/src/controller/devices/test-device.test-data.ts';
import { LEASE_MILLISECONDS } from '../../fleet/src/controller/serve.ts';
import { Leases } from '../../fleet/src/controller/work/leases.ts';
import { startPostgres } from '../postgres.ts';
import { killAll, type RunningCommand, resultOf, runCommand, until } from './command.ts';
import { asked, hasSqlite, joinedBy, post, type ServedController, serveController } from './served-controller.ts';

/* A controller as a process of its own, its commands, and devices that report to it. */
let folder: string;
let commands: RunningCommand[];
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  commands = [];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-serve-'));
});
afterEach(async () => {
  await killAll(commands);
  await rm(folder, { recursive: true, force: true });
});

function needsSqlite(context: TestContext): void {
  if (!hasSqlite) context.skip('needs SQLite, which this release of Node does not have');
}

async function serve(...words: string[]): Promise<ServedController> {
  const controller = await serveController(folder, ...words);
  commands.push(controller.command);
  return controller;
}

async function member(controller: ServedController, ...words: string[]): Promise<TestDevice> {
  return joinedBy(controller, (await asked(controller, 'token', ...words)).token);
}

it('says in one line that SQLite needs a later Node', async (context) => {
  if (hasSqlite) context.skip('this release of Node has SQLite');
  const { code, stderr } = await runCommand(['fleet', 'serve', '--port', '0'], folder);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^spikewire: Node 20\S*: has no SQLite; expected Node 24 or later\n$/),
  ]);
});

/** What is used of `node:sqlite`, whose types the oldest Node does not have. */
interface SqliteFile {
  prepare(text: string): { all(): Readonly<Record<string, unknown>>[] };
  exec(text: string): void;
  close(): void;
}

function openSqlite(path: string): SqliteFile {
  const sqlite = process.getBuiltinModule('node:sqlite') as { DatabaseSync: new (path: string) => SqliteFile };
  return new sqlite.DatabaseSync(path);
}

describe('a controller with SQLite', () => {
  it('gives its first token to its owner only, and is used by commands', async (context) => {
    needsSqlite(context);
    const controller = await serve();
    expect(controller.tokenFile).toBe(at('controller/administrator.token'));
    expect((await stat(controller.tokenFile!)).mode & 0o777).toBe(0o600);
    expect((await stat(at('controller'))).mode & 0o077).toBe(0);

    const device = await member(controller, '--label', 'site=mill', '--hours', '2', '--uses', '3');
    const report = deviceReport([machineReport({ alarms: 317, drift: true })]);
    expect((await post(controller, device, '/v1/report', report)).status).toBe(200);
    const { devices } = await asked(controller, 'devices', '--label', 'site=mill');
    expect(devices).toEqual([
      expect.objectContaining({ id: device.id, health: 'reporting', labels: { site: 'mill' } }),
    ]);
    await asked(controller, 'devices', 'rename', device.id, 'press 4');
    await asked(controller, 'devices', 'label', device.id, 'site=mill', 'line=2');
    const shown = await asked(controller, 'devices', 'show', device.id);
    expect(shown).toMatchObject({ name: 'press 4', labels: { site: 'mill', line: '2' } });

    await writeFile(
      at('plan.json'),
      JSON.stringify({ name: 'new', model: 'pump', channel: 'stable', sha256: sha('b') }),
    );
    const { rollout } = await asked(controller, 'rollout', 'begin', 'plan.json');
    await asked(controller, 'rollout', 'pause', rollout);
    expect((await asked(controller, 'rollout')).rollouts).toEqual([
      expect.objectContaining({ id: rollout, paused: true }),
    ]);
    await asked(controller, 'rollout', 'abort', rollout);
    const status = await asked(controller, 'rollout', 'status', rollout);
    expect(status).toMatchObject({ phase: 'stopped', plan: { shadow: 200 }, machines: 1, begunBy: 'administrator' });

    const eva = await asked(controller, 'people', 'add', 'Eva', '--role', 'look');
    await writeFile(at('eva.token'), eva.token, { mode: 0o600 });
    const words = ['--controller', controller.address, '--token-file', 'eva.token'];
    const refused = await runCommand(['fleet', 'devices', 'retire', device.id, ...words], folder);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('Eva has the role look; expected administer'),
    ]);
    for (const digit of ['1', '2', '1'])
      await post(controller, device, '/v1/report', { ...deviceReport(), boot: digit.repeat(16) });
    const administrator = ['--controller', controller.address, '--token-file', controller.tokenFile!];
    await post(controller, device, '/v1/report', report);
    const table = await runCommand(['fleet', 'devices', 'show', device.id, ...administrator], folder);
    expect(table.stdout).toMatch(/^ +pump +pump +stable +idle +pump 1 + 0 +317 +yes /m);
    const doctor = await runCommand(['fleet', 'doctor', ...administrator], folder);
    expect([doctor.code, doctor.stdout]).toEqual([
      1,
      expect.stringContaining(`1 device is several computers with one key: press 4 (${device.id})`),
    ]);
    await asked(controller, 'devices', 'revoke', device.id);
    expect((await post(controller, device, '/v1/report', deviceReport())).status).toBe(410);
    const { findings } = await asked(controller, 'doctor');
    expect(findings.filter(({ state }: { state: string }) => state === 'bad')).toEqual([]);
    expect(findings.map(({ check }: { check: string }) => check)).toContain('history');
    const { entries } = await asked(controller, 'history', '--about', device.id);
    const acts = entries.map(({ action }: { action: string }) => action);
    expect(acts).toEqual(['revoke', 'relabel', 'rename', 'join']);
  });

  it('has forgotten nothing after it was killed, and refuses what was said before', async (context) => {
    needsSqlite(context);
    let controller = await serve();
    const device = await member(controller);
    let [reports, taken] = [0, 0];
    for (let k = 0; k < 3; k++) {
      const { command } = controller;
      // It is killed amid reports: each that was answered is there afterwards.
      const killed = delay(150 * (k + 1)).then(() => command.process.kill('SIGKILL'));
      for (let isUp = true; isUp; ) {
        const readings = reports + 1;
        const report = deviceReport([machineReport({ readings })]);
        const answer = await post(controller, device, '/v1/report', report).catch(() => undefined);
        isUp = answer !== undefined;
        if (answer?.ok) [reports, taken] = [readings, device.counter];
        await delay(25); // within the rate that a device may have
      }
      await Promise.all([killed, command.ended]);
      controller = await serve();
      expect(controller.tokenFile).toBeNull();
      const shown = await asked(controller, 'devices', 'show', device.id);
      expect([reports, reports + 1]).toContain(shown.machines[0]?.readings ?? 0);
      reports = shown.machines[0].readings;
    }
    const body = JSON.stringify(deviceReport());
    const headers = device.headers('/v1/report', Buffer.from(body), taken);
    const repeated = await fetch(new URL('/v1/report', controller.address), { method: 'POST', body, headers });
    expect(repeated.status).toBe(409);
    expect((await asked(controller, 'history')).head.number).toBeGreaterThan(0);
  });

  it('ends by SIGTERM at once, also while a page listens, and leaves its work to others', async (context) => {
    needsSqlite(context);
    const controller = await serve();
    const base = { sha256: sha('b'), name: 'new', carrying: null, since: '2026-12-01T00:00:00.000Z' };
    const report = deviceReport([machineReport({ base })]);
    await member(controller).then((device) => post(controller, device, '/v1/report', report));
    await writeFile(
      at('plan.json'),
      JSON.stringify({ name: 'new', model: 'pump', channel: 'stable', sha256: sha('b') }),
    );
    await asked(controller, 'rollout', 'begin', 'plan.json');
    const authorization = `Bearer ${(await readFile(controller.tokenFile!, 'utf8')).trim()}`;
    const page = await fetch(new URL('/v1/changes', controller.address), { headers: { authorization } });
    const metrics = () => fetch(new URL('/metrics', controller.address), { headers: { authorization } });
    const rollouts = async () => (await asked(controller, 'rollout')).rollouts;
    await until(async () => (await rollouts())[0].installed === 1); // which was work under a lease
    await until(async () => /fleet_tick_seconds_count [1-9]/.test(await (await metrics()).text()));
    const dashboard = await readFile(new URL('../../docs/grafana-fleet.json', import.meta.url), 'utf8');
    const given = await (await metrics()).text();
    for (const name of new Set(dashboard.match(/spikewire_[a-z_]+/g))) expect(given).toContain(`# TYPE ${name} `);
    controller.command.process.kill('SIGTERM');
    expect(await controller.command.ended).toBe(0);
    await page.text().catch(() => {}); // it has ended, one way or the other
    const database = openSqlite(at('controller/controller.db'));
    const leases = database.prepare('select expires from lease').all();
    database.close();
    expect(leases.map(({ expires }) => (expires as number) <= Date.now())).toEqual([true]); // held ones expire later
  });

  it('ends when a later release has changed its database', async (context) => {
    needsSqlite(context);
    const { command } = await serve();
    const database = openSqlite(at('controller/controller.db'));
    database.exec("pragma busy_timeout = 5000; insert into kysely_migration values ('9999-later', '2099-01-01')");
    database.close();
    expect(await command.ended).toBe(1);
    expect(command.stderr().trim().split('\n').at(-1)).toBe(
      'spikewire: database: was changed by a later release of spikewire (9999-later); ' +
        'expected that release, or a backup from before',
    );
  });

  it('is backed up while it runs, and restored', async (context) => {
    needsSqlite(context);
    const controller = await serve();
    const device = await member(controller);
    const backup = await resultOf(['fleet', 'backup', 'kept.db'], folder);
    expect((await stat(at('kept.db'))).mode & 0o777).toBe(0o600);
    await asked(controller, 'devices', 'rename', device.id, 'later');
    for (const words of [
      ['backup', 'kept.db'],
      ['restore', 'kept.db'],
    ]) {
      const { code, stderr } = await runCommand(['fleet', ...words], folder);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^spikewire: .*already exists.*\n$/)]);
    }
    const restored = await resultOf(['fleet', 'restore', 'kept.db', '--folder', 'other'], folder);
    expect(restored.head).toEqual(backup.head);
    const again = await serve('--folder', 'other', '--renew-token');
    const token = ['--token-file', at('other/administrator.token'), '--controller', again.address];
    expect((await resultOf(['fleet', 'devices', ...token], folder)).devices[0].name).toBe('pi');
    // The token of before the renewal is no good there.
    await expect(asked(again, 'devices')).rejects.toThrow('no valid token');
    await writeFile(at('broken.db'), (await readFile(at('kept.db'))).fill(7, 20_000, 30_000));
    const broken = await runCommand(['fleet', 'restore', 'broken.db', '--folder', 'third'], folder);
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringMatching(/^spikewire: .*\n$/)]);
    expect(await stat(at('third/controller.db')).catch(() => 'none')).toBe('none');
  });

  it('shows to whoever has kept its head that the history was rewritten', async (context) => {
    needsSqlite(context);
    const controller = await serve();
    await member(controller);
    await asked(controller, 'history', '--since-head', 'head');
    const kept = await readFile(at('head'), 'utf8');
    await asked(controller, 'token');
    await asked(controller, 'history', '--since-head', 'head');
    controller.command.process.kill('SIGTERM');
    await controller.command.ended;
    // Somebody removes all, and computes the chain anew: it is whole in itself.
    const database = openSqlite(at('controller/controller.db'));
    database.exec('delete from history; delete from historyHead');
    database.close();
    const again = await serve();
    for (let k = 0; k < 5; k++) await asked(again, 'token');
    expect((await asked(again, 'history')).entries).toHaveLength(5);
    await writeFile(at('head'), kept);
    await expect(asked(again, 'history', '--since-head', 'head')).rejects.toThrow('was changed or is missing');
    expect(await readFile(at('head'), 'utf8')).toBe(kept);
  });
});

/** A chain of entries that is whole in itself. */
function chainOf(actor: string, count: number): { readonly number: number; readonly hash: string }[] {
  let previous = '0'.repeat(64);
  return Array.from({ length: count }, (_, k) => {
    const values = [k + 1, 1e12, actor, 'pause', 'rollout', '{}', previous];
    const hash = createHash('sha256').update(JSON.stringify(values)).digest('hex');
    const [number, time] = [k + 1, 1e12];
    const entry = { number, time, actor, action: 'pause', subject: 'rollout', details: '{}', previous, hash };
    previous = hash;
    return entry;
  });
}

it('the history is computed by the command, whatever a stolen controller says of it', async (context) => {
  let entries = chainOf('ann', 6);
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    const after = Number(url.searchParams.get('after') ?? 0);
    const devices = { reporting: 0, problem: 0, silent: 0, retired: 0, revoked: 0 };
    const answers: Record<string, object> = {
      '/v1/history/check': { kind: 'whole', head: { number: 99, hash: sha('f') } },
      '/v1/history/chain': { items: entries.slice(after, after + 4) },
      '/v1/status': { person: 'ann', role: 'look', version: '0.2.0', now: Date.now(), devices },
    };
    const said = answers[url.pathname] ?? { items: [], next: null, problem: null };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(said));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await writeFile(at('token'), 'secret', { mode: 0o600 });
  const where = ['--controller', `http://127.0.0.1:${port}`, '--token-file', 'token'];
  const words = ['fleet', 'history', ...where, '--since-head', 'head', '--limit', '2'];
  const first = await resultOf(words, folder);
  const { hash } = entries[5]!;
  expect(first).toMatchObject({ head: { number: 6, hash }, entries: [{ number: 6 }, { number: 5 }], isWhole: false });
  const { findings } = await resultOf(['fleet', 'doctor', ...where], folder);
  const found = 'the hashes of all 6 entries are right';
  expect(findings).toContainEqual({ check: 'history', state: 'ok', found });
  entries = chainOf('ann', 9);
  expect((await resultOf(words, folder)).head.number).toBe(9);
  const kept = await readFile(at('head'), 'utf8');
  const rewritten = [chainOf('eve', 12), chainOf('ann', 8), chainOf('ann', 9).filter(({ number }) => number !== 4), []];
  rewritten.push(chainOf('ann', 10).map((entry) => (entry.number === 2 ? { ...entry, actor: 'eve' } : entry)));
  for (const [k, number] of [9, 9, 4, 1, 2].entries()) {
    entries = rewritten[k]!;
    const { code, stderr } = await runCommand(words, folder);
    const expected = `: entry ${number} was changed or is missing, or is not the one of head`;
    expect([code, stderr]).toEqual([1, expect.stringContaining(expected)]);
  }
  expect(await readFile(at('head'), 'utf8')).toBe(kept);
  const doctor = await runCommand(['fleet', 'doctor', ...where], folder);
  expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining('entry 2 was changed or is missing')]);
});

it('two controllers on one PostgreSQL serve the same fleet, also after one of them was killed', async (context) => {
  const postgres = await startPostgres(context);
  context.onTestFinished(() => postgres.close());
  const words = ['--database', postgres.address, '--every', '2'];
  const [one, two] = await Promise.all([serve(...words), serve(...words, '--folder', 'second')]);
  const first = one.tokenFile === null ? 'second' : 'controller';
  expect([one.tokenFile, two.tokenFile].filter((file) => file !== null)).toHaveLength(1);
  const token = ['--token-file', at(first, 'administrator.token')];
  const ask = ({ address }: ServedController, action: string, ...more: string[]) =>
    resultOf(['fleet', action, ...more, '--controller', address, ...token], folder);

  const device = await joinedBy(one, (await ask(one, 'token')).token);
  const machines = ['north', 'south', 'west'].map((machine) => machineReport({ machine }));
  const answer = await post(two, device, '/v1/report', deviceReport(machines));
  expect(await answer.json()).toMatchObject({ every: 2 });
  // What one has taken, the other one refuses.
  device.counter--;
  expect((await post(one, device, '/v1/report', deviceReport(machines))).status).toBe(409);

  await writeFile(at('plan.json'), JSON.stringify({ name: 'new', model: 'pump', channel: 'stable', sha256: sha('b') }));
  const { rollout } = await ask(one, 'rollout', 'begin', 'plan.json');
  // As if it were killed just after it has taken the lease of the rollout: the other one has to wait for its end.
  const database = connectDatabase(postgres.address);
  context.onTestFinished(() => database.close());
  await new Leases({ database, holder: 'one', milliseconds: LEASE_MILLISECONDS }).take(rollout);
  const { expires } = await database.queries.selectFrom('lease').select('expires').executeTakeFirstOrThrow();
  one.command.process.kill('SIGKILL');
  await one.command.ended;
  const refused = [{ sha256: sha('b'), cause: 'machine' as const, reason: 'too slow' }];
  const tried = machines.map((machine) => ({ ...machine, state: 'idle' as const, refused }));
  expect((await post(two, device, '/v1/report', deviceReport(tried))).status).toBe(200);
  const status = () => ask(two, 'rollout', 'status', rollout);
  expect(await status()).toMatchObject({ phase: 'shadow', states: { failed: 3 } });
  await until(async () => (await status()).phase === 'stopped');
  const { since } = await database.queries.selectFrom('rollout').select('since').executeTakeFirstOrThrow();
  console.log(`the other controller took over ${since - expires} ms after the end of the lease`);
  expect(since).toBeGreaterThanOrEqual(expires);
  expect(since).toBeLessThan(expires + LEASE_MILLISECONDS); // a second, and a busy machine
  const backup = await runCommand(['fleet', 'backup', 'kept', '--database', postgres.address], folder);
  expect([backup.code, backup.stderr]).toEqual([2, expect.stringContaining('pg_dump')]);
});
