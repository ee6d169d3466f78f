import { SpikewireError } from '@spikewire/models';
import { Kysely, Migrator, PostgresDialect, type RawBuilder, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { MIGRATIONS } from './migrations.ts';
import { NodeSqliteDialect } from './node-sqlite.ts';
import type { Tables } from './tables.ts';

/** Milliseconds since 1970, as a part of a query: by the clock of the database. */
export type Clock = () => RawBuilder<number>;

export interface Database {
  readonly engine: 'sqlite' | 'postgres';
  readonly queries: Kysely<Tables>;
  readonly now: Clock;
  close(): Promise<void>;
}

export type Changes = Transaction<Tables>;

/** Of one controller with PostgreSQL. */
const CONNECTIONS = 10;
/**
 * Milliseconds after which PostgreSQL ends what a controller that has vanished holds, and a controller gives up what it
 * waits for. A step takes a few.
 */
const IDLE_MS = 5000;
const WAIT_MS = 10_000;
/** The type of 64-bit integers in PostgreSQL. */
const INT8 = 20;

/**
 * Opens the database of a controller, and brings its tables up to date: of several controllers that start at a time one
 * does that. Rejects with `usage` for an address of another form, and with `store` where the database cannot be opened,
 * or was made by a later release.
 * @param address a file, or `postgres://user@host/database`
 */
export async function openDatabase(address: string): Promise<Database> {
  const engine = engineOf(address);
  const dialect = engine === 'postgres' ? postgres(address) : new NodeSqliteDialect(address);
  const queries = new Kysely<Tables>({ dialect });
  try {
    await migrate(queries);
  } catch (failure) {
    await queries.destroy().catch(() => {}); // the first failure is the one to report
    throw new SpikewireError('store', 'database', (failure as Error).message, 'one that this release can use');
  }
  const now = engine === 'postgres' ? POSTGRES_NOW : SQLITE_NOW;
  return { engine, queries, now: () => now, close: () => queries.destroy() };
}

function engineOf(address: string): Database['engine'] {
  const scheme = /^([a-z]+):\/\//.exec(address)?.[1];
  if (scheme === undefined) return 'sqlite';
  if (scheme === 'postgres' || scheme === 'postgresql') return 'postgres';
  throw new SpikewireError('usage', 'database', `has the scheme ${scheme}`, 'a file, or postgres://…');
}

const POSTGRES_NOW = sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;
const SQLITE_NOW = sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;

function postgres(address: string): PostgresDialect {
  const pool = new pg.Pool({
    ...{ connectionString: address, max: CONNECTIONS, types: { getTypeParser: parserOf }, keepAlive: true },
    ...{ idle_in_transaction_session_timeout: IDLE_MS, lock_timeout: WAIT_MS, statement_timeout: WAIT_MS },
    ...{ query_timeout: 2 * WAIT_MS, connectionTimeoutMillis: WAIT_MS },
  });
  // A connection that is lost fails the query that uses it; without one the next query opens another.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({ pool });
}

/** Times and counts stay below 2⁵³, so 64-bit integers are numbers here. */
function parserOf(type: number, format?: 'text' | 'binary') {
  return type === INT8 ? Number : pg.types.getTypeParser(type, format as 'text');
}

async function migrate(queries: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db: queries, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
