import { printableLine, SpikewireError } from '@spikewire/models';
import { type Kysely, type Migration, Migrator } from 'kysely';
import { type Clock, connectDatabase, type Database } from '../controller/database/database.ts';
import type { SweepTables } from './sweep-tables.ts';

export interface SweepDatabase {
  readonly engine: Database['engine'];
  readonly queries: Kysely<SweepTables>;
  readonly now: Clock;
  close(): Promise<void>;
}

/** Of PostgreSQL, where a controller may have its tables in the same database. */
const SCHEMA = 'spikewire_sweeps';
/** Other names than those of a controller, which would take these for its own. */
const [NOTES, LOCK] = ['sweep_migration', 'sweep_migration_lock'];

/** A released migration is never changed: what is new is another one. */
const MIGRATIONS: Record<string, Migration> = { '0001-sweeps': { up: createSweeps } };

/**
 * Opens a database of sweeps, and makes its tables in a new one: in a schema of their own in PostgreSQL, and in a file
 * of their own in SQLite. Rejects with `usage` for an address of another form, and with `store` where the database
 * cannot be opened, or is one of another program or of a later release.
 */
export async function openSweepDatabase(address: string): Promise<SweepDatabase> {
  const { engine, queries: all, now, close } = connectDatabase(address);
  const queries = all as unknown as Kysely<SweepTables>;
  try {
    await upgrade(engine, queries);
  } catch (failure) {
    await close().catch(() => {}); // the first failure is the one to report
    if (failure instanceof SpikewireError) throw failure;
    throw new SpikewireError('store', 'database', (failure as Error).message, 'a database that can be used', failure);
  }
  return { engine, queries: engine === 'postgres' ? queries.withSchema(SCHEMA) : queries, now, close };
}

async function upgrade(engine: Database['engine'], queries: Kysely<SweepTables>): Promise<void> {
  const schema = engine === 'postgres' ? { migrationTableSchema: SCHEMA } : {};
  const migrator = new Migrator({
    ...{ db: queries, provider: { getMigrations: async () => MIGRATIONS }, allowUnorderedMigrations: true },
    ...{ migrationTableName: NOTES, migrationLockTableName: LOCK, ...schema },
  });
  const tables = await queries.introspection.getTables({ withInternalKyselyTables: true });
  const ours = tables.filter((table) => engine === 'sqlite' || table.schema === SCHEMA);
  if (ours.length > 0) await expectOurs(engine === 'postgres' ? queries.withSchema(SCHEMA) : queries, ours);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** A wrong path may name a file of another program, or of a controller. */
async function expectOurs(queries: Kysely<SweepTables>, tables: readonly { readonly name: string }[]): Promise<void> {
  const noted = tables.some(({ name }) => name === NOTES);
  if (!noted) {
    const problem = `has tables of another program (${printableLine(tables[0]!.name)})`;
    throw new SpikewireError('store', 'database', problem, 'a new database, or one of sweeps');
  }
  const rows = await (queries as unknown as Kysely<Record<string, { name: string }>>)
    .selectFrom(NOTES!)
    .select('name')
    .execute();
  const later = rows.find(({ name }) => !(name in MIGRATIONS));
  if (later === undefined) return;
  throw new SpikewireError('store', 'database', `was changed by a later release (${later.name})`, 'that release');
}

async function createSweeps(database: Kysely<unknown>): Promise<void> {
  const { PostgresAdapter } = await import('kysely');
  const isPostgres = database.getExecutor().adapter instanceof PostgresAdapter;
  const { schema } = isPostgres ? database.withSchema(SCHEMA) : database;
  const bytes = isPostgres ? 'bytea' : 'blob';
  await schema
    .createTable('sweep')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('release', 'text', (column) => column.notNull())
    .addColumn('options', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('trials', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('trial')
    .addColumn('sweep', 'text', (column) => column.notNull())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('machine', 'text')
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('tries', 'bigint', (column) => column.notNull())
    .addColumn('expires', 'bigint', (column) => column.notNull())
    .addColumn('out', 'text')
    .addColumn('figures', 'text')
    .addColumn('problem', 'text')
    .addColumn('model', bytes)
    .addPrimaryKeyConstraint('trial_key', ['sweep', 'number'])
    .execute();
}
