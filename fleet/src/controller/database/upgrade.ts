import { printableLine, SpikewireError } from '@spikewire/models';
import { type Kysely, Migrator, PostgresAdapter, sql } from 'kysely';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';

/** Where the migrator notes what it has done. */
interface Noted extends Tables {
  readonly kysely_migration: { readonly name: string };
}

/**
 * Brings the tables up to date, all of it or nothing; of several controllers that start at a time one does that.
 * Rejects with `store` where a later release has changed them, another process has the file of SQLite open, or that is
 * a file of another program.
 */
export async function upgrade(queries: Kysely<Tables>): Promise<void> {
  // Migrations have the times of a clock that may have been wrong, so their names alone give their order.
  const order = { allowUnorderedMigrations: true };
  const migrator = new Migrator({ db: queries, provider: { getMigrations: async () => MIGRATIONS }, ...order });
  const tables = await queries.introspection.getTables(); // before the migrations: another controller may make them now
  const known = await migrator.getMigrations();
  const isNew = known.every(({ executedAt }) => executedAt === undefined);
  const isCurrent = known.every(({ executedAt }) => executedAt !== undefined);
  if (isNew) expectNoForeign(queries, tables);
  if (!isNew) await expectNoneLater(queries);
  if (!isNew && !isCurrent) await expectAlone(queries);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** A wrong path may name a file of another program. One server of PostgreSQL may well keep tables of several. */
function expectNoForeign(queries: Kysely<Tables>, [table]: readonly { readonly name: string }[]): void {
  if (table === undefined || queries.getExecutor().adapter instanceof PostgresAdapter) return;
  const problem = `has tables of another program (${printableLine(table.name)})`;
  throw new SpikewireError('store', 'database', problem, 'a new file, or one that a controller has made');
}

/** Rejects with `store` where a later release has changed the tables: what this one writes might do harm. */
export async function expectNoneLater(queries: Kysely<Tables>): Promise<void> {
  const rows = await (queries as unknown as Kysely<Noted>)
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute();
  const later = rows.find(({ name }) => !(name in MIGRATIONS));
  if (later === undefined) return;
  const problem = `was changed by a later release of spikewire (${later.name})`;
  throw new SpikewireError('store', 'database', problem, 'that release, or a backup from before');
}

/** An earlier release that still runs would write rows of before. PostgreSQL refuses these itself. */
async function expectAlone(queries: Kysely<Tables>): Promise<void> {
  if (queries.getExecutor().adapter instanceof PostgresAdapter) return;
  try {
    await sql`pragma journal_mode = delete`.execute(queries); // needs the file for itself
    await sql`pragma journal_mode = wal`.execute(queries);
  } catch (failure) {
    const expected = 'to upgrade it while no controller of an earlier release runs';
    throw new SpikewireError('store', 'database', 'is open in another process', expected, failure);
  }
}
