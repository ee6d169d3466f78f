import { SpikewireError } from '@spikewire/models';
import { CompiledQuery, Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { NodeSqliteDialect } from './node-sqlite.ts';
import type { Tables } from './tables.ts';
import { upgrade } from './upgrade.ts';

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
 * was changed by a later release, or is to be upgraded while another process has the file open.
 * @param address a file, or `postgres://user@host/database`
 */
export async function openDatabase(address: string): Promise<Database> {
  const database = connectDatabase(address);
  try {
    await upgradeAt(address, database);
    return database;
  } catch (failure) {
    await database.close().catch(() => {}); // the first failure is the one to report
    if (failure instanceof SpikewireError) throw failure;
    const { message } = failure as Error;
    throw new SpikewireError('store', 'database', message, 'a database that this release can use', failure);
  }
}

/** The upgrade of a large table takes longer than a query of a controller may. */
async function upgradeAt(address: string, { engine, queries }: Database): Promise<void> {
  if (engine === 'sqlite') return upgrade(queries);
  const patient = new Kysely<Tables>({ dialect: postgres(address, 0) });
  await upgrade(patient).finally(() => patient.destroy());
}

/** Opens a database as it is. Throws `usage`, and `store` where a file cannot be opened. */
export function connectDatabase(address: string): Database {
  const engine = engineOf(address);
  const dialect = engine === 'postgres' ? postgres(address, WAIT_MS) : new NodeSqliteDialect(address);
  const queries = new Kysely<Tables>({ dialect });
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

/** Of a connection; the tables of PostgreSQL refuse controllers of the releases that do not notice an upgrade. */
const NOTICES_UPGRADES = CompiledQuery.raw("set spikewire.notices_upgrades = 'on'");

/** @param patience milliseconds that a query may take; 0: any time */
function postgres(address: string, patience: number): PostgresDialect {
  const pool = new pg.Pool({
    ...{ connectionString: address, max: CONNECTIONS, types: { getTypeParser: parserOf }, keepAlive: true },
    ...{ idle_in_transaction_session_timeout: IDLE_MS, lock_timeout: WAIT_MS, statement_timeout: patience },
    ...{ query_timeout: 2 * patience, connectionTimeoutMillis: WAIT_MS },
  });
  // A connection that is lost fails the query that uses it; without one the next query opens another.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({
    pool,
    onCreateConnection: async (connection) => void (await connection.executeQuery(NOTICES_UPGRADES)),
  });
}

/** Times and counts stay below 2⁵³, so 64-bit integers are numbers here. */
function parserOf(type: number, format?: 'text' | 'binary') {
  return type === INT8 ? Number : pg.types.getTypeParser(type, format as 'text');
}
