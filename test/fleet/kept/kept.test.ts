import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { describe, expect, it, type TestContext } from 'vitest';
import { backUp, restore } from '../../../fleet/src/controller/backup/sqlite-backup.ts';
import { connectDatabase, type Database, openDatabase } from '../../../fleet/src/controller/database/database.ts';
import { MIGRATIONS } from '../../../fleet/src/controller/database/migrations.ts';
import { ENGINES, newDatabase, opened } from '../../../fleet/src/controller/database/new-database.test-data.ts';
import { followChain } from '../../../fleet/src/controller/history/chain.ts';
import { checkHistory, entriesBehind } from '../../../fleet/src/controller/history/history.ts';
import { type Json, startTestServer } from '../../../fleet/src/controller/http/test-server.test-data.ts';
import { RolloutWork } from '../../../fleet/src/controller/rollouts/rollout-work.ts';
import { type Kept, KeptDevice } from './kept-device.ts';

/*
 * Databases that an earlier release has made, and what that said of them; `write.mjs` has written these files, and they
 * never change. The present release upgrades them, and continues with what it finds.
 */
const RELEASE = '83cf96d5';
/** Those of that release. */
const FIRST_MIGRATIONS = 4;
const [NEW, LATER] = ['e'.repeat(64), 'f'.repeat(64)];

type Engine = Database['engine'];

interface Told {
  readonly people: readonly { readonly name: string; readonly role: string; readonly token: string }[];
  readonly tokens: { readonly north: string; readonly south: string };
  readonly kept: readonly Kept[];
  readonly devices: readonly Json[];
  readonly rollouts: Readonly<Record<'done' | 'stopped' | 'open' | 'held' | 'trial', Json>>;
  readonly history: { readonly head: { number: number; hash: string }; readonly entries: readonly string[] };
}

function keptFile(name: string): Buffer {
  return readFileSync(new URL(`${RELEASE}/${name}`, import.meta.url));
}

function toldOf(engine: Engine): Told {
  return JSON.parse(keptFile(`${engine}.json`).toString());
}

/** Address of a copy that no controller has opened yet. */
async function keptDatabase(engine: Engine, context: TestContext): Promise<string> {
  const address = await newDatabase(engine, context);
  if (engine === 'sqlite') await writeFile(address, gunzipSync(keptFile('sqlite.backup.gz')));
  else await inPostgres(address, keptFile('postgres.sql').toString());
  return address;
}

async function inPostgres(address: string, text: string): Promise<void> {
  const client = new pg.Client(address);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

/** All rows of all tables, as they are. */
async function contentOf(address: string): Promise<unknown> {
  const { queries, close } = connectDatabase(address);
  try {
    const tables = await queries.introspection.getTables({ withInternalKyselyTables: true });
    const read = (name: string) =>
      queries
        .selectFrom(name as 'lease')
        .selectAll()
        .execute();
    const content: unknown[] = [];
    for (const { name, columns } of tables)
      content.push([name, columns.map((column) => [column.name, column.dataType]), await read(name)]);
    return content;
  } finally {
    await close();
  }
}

/** A controller on the upgraded copy, whose work is done when a test says so. */
async function upgraded(engine: Engine, context: TestContext) {
  const existing = await keptDatabase(engine, context);
  const told = toldOf(engine);
  const server = await startTestServer(engine, context, { existing });
  const ask = (path: string, { method = 'GET', by = told.people[0]!.token } = {}) =>
    fetch(server.address + path, { method, headers: { authorization: `Bearer ${by}` } });
  const get = async (path: string): Promise<Json> => (await ask(path)).json();
  const work = new RolloutWork(server.database);
  return {
    ...{ ...server, told, ask, get },
    devices: told.kept.map((kept) => new KeptDevice(kept)),
    async look() {
      const changes = server.database.queries.transaction();
      for (const id of await work.pending()) await changes.execute((step) => work.step(id, step));
    },
  };
}

/** Whether the history is, and still has the entry that was the newest in the earlier release. */
async function wholeSince(database: Database, { history: { head: known } }: Told): Promise<boolean> {
  const check = await followChain((number) => entriesBehind(database, number), { known });
  return check.kind === 'whole' && (await checkHistory(database)).kind === 'whole';
}

function memberOf({ machines }: KeptDevice, name: string): boolean {
  return name in machines;
}

describe.each(ENGINES)('the database of an earlier release in %s', (engine) => {
  it('says what it said before the upgrade', async (context) => {
    const { ask, database, get, told } = await upgraded(engine, context);
    expect(told.devices).toHaveLength(14);
    for (const device of told.devices) expect(await get(`/v1/devices/${device.id}`)).toMatchObject(device);
    for (const { placed: _, states: __, ...rollout } of Object.values(told.rollouts))
      expect(await get(`/v1/rollouts/${rollout.id}`)).toMatchObject(rollout);
    for (const { id, placed } of Object.values(told.rollouts)) {
      const machines = database.queries.selectFrom('rolloutMachine').where('rollout', '=', id).orderBy('place');
      const rows = await machines.select(['device', 'machine', 'state']).execute();
      expect(rows.map(({ device, machine, state }) => [device, machine, state])).toEqual(placed);
    }
    expect(await wholeSince(database, told)).toBe(true);
    const { items } = await get('/v1/history?limit=100');
    const entries = items.map(({ number, actor, action, subject }: Json) => `${number} ${actor} ${action} ${subject}`);
    expect(entries.slice(-told.history.head.number)).toEqual(told.history.entries);
    for (const { role, token } of told.people)
      expect([role, (await ask('/v1/people', { by: token })).status]).toEqual([
        role,
        role === 'administer' ? 200 : 403,
      ]);
  });

  it('lets devices report, join and be backed up, and keeps out those that were dismissed', async (context) => {
    const { address, devices, get, told } = await upgraded(engine, context);
    const [stolen, old, spare] = devices.slice(-3) as [KeptDevice, KeptDevice, KeptDevice];
    for (const dismissed of [stolen, old]) await expect(dismissed.report(address)).rejects.toThrow('410');
    expect(await spare.report(address)).toEqual({});
    const sealed = Buffer.from('not for the controller');
    await spare.send(address, '/v1/backup', sealed);
    expect((await get(`/v1/devices/${spare.id}`)).backups).toEqual([
      expect.objectContaining({ bytes: sealed.byteLength }),
    ]);
    const join = (token: string, name: string) => {
      const device = KeptDevice.named(name, []);
      return device.send(address, '/v1/join', { token, publicKey: device.publicKey, name });
    };
    const { north, south } = told.tokens;
    for (const name of ['one', 'two']) await join(north, name); // of 12 uses, 10 were used
    await join(south, 'three');
    for (const token of [north, south]) await expect(join(token, 'four')).rejects.toThrow('403');
  });

  it('continues with an open rollout to its end', async (context) => {
    const { address, devices, get, look, told, database } = await upgraded(engine, context);
    const pumps = devices.slice(0, 8);
    const { id, placed } = told.rollouts.open;
    const report = async () => {
      const kinds = new Map<string, string>();
      for (const device of pumps) kinds.set(device.id, (await device.report(address)).pump!.kind);
      return placed.map(([device]: [string]) => kinds.get(device)).join(' ');
    };
    expect(await report()).toBe('install install install install try try try try');
    expect((await get(`/v1/rollouts/${id}`)).counts).toEqual(told.rollouts.open.counts);
    await look();
    expect(await get(`/v1/rollouts/${id}`)).toMatchObject({ phase: 'waves', waves: 2 });
    const install = (count: number) => {
      for (const [device] of placed.slice(0, count)) pumps.find((each) => each.id === device)!.installs('pump', NEW);
      return report();
    };
    await install(4);
    await look();
    expect(await get(`/v1/rollouts/${id}`)).toMatchObject({ phase: 'waves', waves: 3, installed: 4 });
    expect(await report()).toBe(Array(8).fill('install').join(' '));
    await install(8);
    await look();
    const { counts, ...ended } = await get(`/v1/rollouts/${id}`);
    expect(ended).toMatchObject({ phase: 'done', installed: 8 });
    expect(counts.compared).toBe(8 * (1000 + 100)); // the trial of each, and the probation after it
    expect(await wholeSince(database, told)).toBe(true);
  });

  it('lets a person approve a rollout that was held', async (context) => {
    const { address, ask, devices, get, told } = await upgraded(engine, context);
    const { id, placed } = told.rollouts.held;
    const approve = (name: string) => {
      const by = told.people.find((person) => person.name === name)!.token;
      return ask(`/v1/rollouts/${id}/approve`, { method: 'POST', by });
    };
    expect((await approve('Eva')).status).toBe(403);
    expect((await approve('Ann')).status).toBe(200);
    expect(await get(`/v1/rollouts/${id}`)).toMatchObject({ phase: 'waves', waves: 1, approvals: ['Ann'] });
    const told2 = new Map<string, unknown>();
    for (const device of devices.slice(0, 8)) told2.set(device.id, (await device.report(address)).fan);
    const install = { kind: 'install', sha256: LATER, carrying: 'carry', watch: true };
    const orders = placed.map(([device]: [string]) => told2.get(device));
    expect(orders.slice(0, 2)).toEqual([install, install]);
    expect(orders[2]).toEqual({ kind: 'try', sha256: LATER, carrying: 'carry' });
  });

  it('counts a trial that goes on once, and makes a machine leave a base that was stopped', async (context) => {
    const { address, devices, get, told } = await upgraded(engine, context);
    const south = devices.filter((device) => memberOf(device, 'mill')) as [KeptDevice, KeptDevice, KeptDevice];
    const { id } = told.rollouts.trial;
    south[0].tries('mill', NEW, 90);
    south[1].tries('mill', NEW, 90, '2026-12-03T00:00:00.000Z'); // a later release of the device says when it began
    south[2].installs('mill', NEW, 30); // it has gone on to the probation meanwhile
    const kinds: string[] = [];
    for (const device of [...south, ...south]) kinds.push((await device.report(address)).saw!.kind);
    expect((await get(`/v1/rollouts/${id}`)).counts.compared).toBe(90 + 90 + (60 + 30));
    expect(kinds.slice(0, 3).sort()).toEqual(['leave', 'leave', 'leave']);
  });

  it('is as it was where an upgrade is killed in any migration, and the next one upgrades it', async (context) => {
    const address = await keptDatabase(engine, context);
    const before = await contentOf(address);
    for (const name of Object.keys(MIGRATIONS).slice(FIRST_MIGRATIONS)) {
      const program = fileURLToPath(new URL('killed-upgrade.mjs', import.meta.url));
      const [, signal] = await once(spawn('node', [program, address, name], { stdio: 'inherit' }), 'exit');
      expect([name, signal]).toEqual([name, 'SIGKILL']);
      expect(await contentOf(address)).toEqual(before);
    }
    const database = await opened(address, context);
    expect(await checkHistory(database)).toEqual({ kind: 'whole', head: toldOf(engine).history.head });
    const migrations = await contentOf(address);
    expect(JSON.stringify(migrations)).toContain(Object.keys(MIGRATIONS).at(-1));
  });

  it('is as it was where a migration fails', async (context) => {
    const address = await keptDatabase(engine, context);
    const before = await contentOf(address);
    const fails = '9999-fails';
    MIGRATIONS[fails] = {
      up: async () => {
        throw new Error('no space left');
      },
    };
    context.onTestFinished(() => void delete MIGRATIONS[fails]);
    await expect(openDatabase(address)).rejects.toMatchObject({
      code: 'store',
      message: expect.stringMatching(/^.*no space left.*$/),
    });
    expect(await contentOf(address)).toEqual(before);
  });
});

describe('an earlier release', () => {
  it('has made a backup in SQLite, which is restored with the present tables', async (context) => {
    const backup = await keptDatabase('sqlite', context);
    const [restored, again] = [`${backup}.restored`, `${backup}.again`];
    const { head } = toldOf('sqlite').history;
    expect(await restore(backup, restored)).toEqual(head);
    const { queries, close } = connectDatabase(restored);
    expect(await queries.selectFrom('rollout').select('approvals').execute()).toHaveLength(5);
    await close();
    // A backup of its database by the present release is one for the earlier one: a way back.
    expect(await backUp(backup, again)).toEqual(head);
    expect(await contentOf(again)).toEqual(await contentOf(backup));
  });

  it('that still has the file of SQLite open keeps the present one from upgrading it', async (context) => {
    const address = await keptDatabase('sqlite', context);
    const earlier = connectDatabase(address);
    const seen = await earlier.queries.selectFrom('device').select('id').execute();
    expect(seen).toHaveLength(14);
    await expect(openDatabase(address)).rejects.toMatchObject({
      code: 'store',
      message:
        'database: is open in another process; expected to upgrade it while no controller of an earlier release runs',
    });
    await earlier.close();
    await (await openDatabase(address)).close();
  });

  it('that still uses PostgreSQL is told to stop, and changes nothing of devices, rollouts and work', async (context) => {
    const address = await keptDatabase('postgres', context);
    await (await openDatabase(address)).close();
    const before = await contentOf(address);
    const refusal = 'the database was upgraded: stop this controller, which is of an earlier release';
    for (const change of [
      'update device set counter = counter + 1',
      'update rollout set paused = 1',
      'insert into rollout select * from rollout',
      'update lease set epoch = epoch + 1',
    ])
      await expect(inPostgres(address, change)).rejects.toThrow(refusal);
    expect(await contentOf(address)).toEqual(before);
  });
});
