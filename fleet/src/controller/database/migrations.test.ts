import { Kysely, Migrator, PostgresDialect } from 'kysely';
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
    await expect(openDatabase(address)).rejects.toMatchObject({ code: 'store' });
  });
});
