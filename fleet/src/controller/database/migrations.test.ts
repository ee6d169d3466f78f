import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { Registry } from '../devices/registry.ts';
import { joined } from '../devices/test-device.test-data.ts';
import { checkHistory, note } from '../history/history.ts';
import { openDatabase } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import { ENGINES, newDatabase } from './new-database.test-data.ts';
import { NodeSqliteDialect } from './node-sqlite.ts';
import type { Tables } from './tables.ts';

/** The database as a release with these migrations leaves it. */
async function madeWith(address: string, migrations: typeof MIGRATIONS): Promise<Kysely<Tables>> {
  const isFile = !address.startsWith('postgres:');
  const dialect = isFile
    ? new NodeSqliteDialect(address)
    : new PostgresDialect({ pool: new pg.Pool({ connectionString: address, types: { getTypeParser: parserOf } }) });
  const queries = new Kysely<Tables>({ dialect });
  const { error } = await new Migrator({
    db: queries,
    provider: { getMigrations: async () => migrations },
  }).migrateToLatest();
  expect(error).toBeUndefined();
  return queries;
}

/** 64-bit integers as numbers. */
function parserOf(type: number, format?: 'text' | 'binary') {
  return type === 20 ? Number : pg.types.getTypeParser(type, format as 'text');
}

describe.each(ENGINES)('the tables in %s', (engine) => {
  it('keep the rows that a release with the first migration wrote', async (context) => {
    const address = await newDatabase(engine, context);
    const [first] = Object.keys(MIGRATIONS);
    const before = await madeWith(address, { [first!]: MIGRATIONS[first!]! });
    const lease = { name: 'rollout', holder: 'a', epoch: 3, expires: 2 ** 41 };
    await before.insertInto('lease').values(lease).execute();
    const current = await openDatabase(await newDatabase(engine, context));
    for (const action of ['begin', 'pause']) {
      const event = { actor: 'ann', action, subject: 'rollout' };
      await before.transaction().execute((changes) => note(changes, current.now, event));
    }
    await current.close();
    await before.destroy();
    const database = await openDatabase(address);
    context.onTestFinished(() => database.close());
    expect(await database.queries.selectFrom('lease').selectAll().execute()).toEqual([lease]);
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole', head: { number: 2 } });
    const [device] = await joined(new Registry(database), 1);
    expect(await database.queries.selectFrom('device').select('id').execute()).toEqual([{ id: device!.id }]);
  });

  it('are refused where a later release made them', async (context) => {
    const address = await newDatabase(engine, context);
    const later = await madeWith(address, { ...MIGRATIONS, '9999-later': { up: async () => {} } });
    await later.destroy();
    await expect(openDatabase(address)).rejects.toMatchObject({
      code: 'store',
      message:
        'database: was changed by a later release of spikewire (9999-later); expected that release, or a backup from before',
    });
  });

  it('are upgraded whatever the clocks of earlier upgrades said', async (context) => {
    const address = await newDatabase(engine, context);
    const [first, ...others] = Object.entries(MIGRATIONS).slice(0, -1);
    const before = await madeWith(address, Object.fromEntries([first!, ...others]));
    const last = others.at(-1)![0];
    await sql`update kysely_migration set timestamp = '1970-01-01T00:00:09.000Z' where name = ${last}`.execute(before);
    await before.destroy();
    const database = await openDatabase(address);
    context.onTestFinished(() => database.close());
    const migrations = sql<{ name: string }>`select name from kysely_migration order by name`;
    const { rows } = await migrations.execute(database.queries);
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(MIGRATIONS));
  });
});

it('are not made in a file of another program', async (context) => {
  const address = await newDatabase('sqlite', context);
  const other = new Kysely<Tables>({ dialect: new NodeSqliteDialect(address) });
  await sql`create table song (name text)`.execute(other);
  await expect(openDatabase(address)).rejects.toMatchObject({
    code: 'store',
    message: 'database: has tables of another program (song); expected a new file, or one that a controller has made',
  });
  const { rows } = await sql<{ name: string }>`select name from sqlite_master`.execute(other);
  expect(rows).toEqual([{ name: 'song' }]);
  await other.destroy();
});

/** SHA-256 of the file of each migration, of which databases in use have the tables. */
const HASHES: Readonly<Record<string, string>> = {
  '0001-leases-and-history': 'be5e1f9015d2e5cf29f83bdeb52d82865bcd59c991f7672bdb9b924bb13fdba9',
  '0002-devices': '517348b0d0c341e63263a2c63240efe1bb85498eba7d0aef659305078dd99c31',
  '0003-rollouts': '8389c96dc4d5da01432cab8b4a3c8954c937a6dbf6a82b45adaca3e638379472',
  '0004-people': 'f1d99d4b8306d4e56dde1bce57c5239416e7ec0f6ca7aec3c4ef4984a1df1547',
  '0005-device-backups': '95c67025e86e5dfaec45d2ee1965c40d4554a56a80dae969a8c99af3bcddd277',
  '0006-wide-numbers': '3cdcdbac2b05ac3b7ea6860acc0d75bbb179ce2af3bddf9f29c3cef5e73b24cf',
  '0007-reported-columns': '3b79d62094d64d9ddc3038594fec159786781a156eeec234a670a1cd23de2302',
  '0008-rollout-progress': '25429f9264db0edb9edbefde1a00ccce1aeee053957c491ca2d87bac3ee142b2',
  '0009-trial-runs': 'd572c6a4c3321a1db7f5289729560021ccbb3e2461f8f32d8032eff23fe5e8fd',
  '0010-earlier-controllers': 'ce78f1f02eb5790bdce3e148312e0f965767417a68ca22733d8919360927cd69',
  '0011-rounds': 'b9eb3b4f48349d9e927ed999ab27b4f37927104dca5f70734013f32dce7cfd1f',
};

describe('a migration', () => {
  it('is never changed', () => {
    for (const name of Object.keys(MIGRATIONS)) {
      const file = readFileSync(new URL(`migrations/${name.replace(/^\d+-/, '')}.ts`, import.meta.url));
      expect(
        createHash('sha256').update(file).digest('hex'),
        `${name}: databases in use have its tables already, and would never get a change of it: restore its file, ` +
          'add a migration with the change at the end of migrations.ts, and the hash of that here',
      ).toBe(HASHES[name]);
    }
    expect(Object.keys(MIGRATIONS)).toEqual(Object.keys(HASHES));
  });
});
