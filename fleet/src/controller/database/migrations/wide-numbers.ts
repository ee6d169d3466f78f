import { type Kysely, PostgresAdapter, sql } from 'kysely';

const NARROW: Readonly<Record<string, readonly string[]>> = {
  joinToken: ['uses'],
  rollout: ['machines', 'installed', 'waves'],
  rolloutMachine: ['place'],
};

/** In SQLite whole numbers of all columns have 64 bits. PostgreSQL writes a table once for all of its columns. */
export async function widenNumbers(database: Kysely<unknown>): Promise<void> {
  if (!(database.getExecutor().adapter instanceof PostgresAdapter)) return;
  for (const [table, columns] of Object.entries(NARROW)) {
    const changes = columns.map((column) => sql`alter column ${sql.ref(column)} type bigint`);
    await sql`alter table ${sql.table(table)} ${sql.join(changes)}`.execute(database);
  }
}
