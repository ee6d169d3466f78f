import type { Kysely } from 'kysely';

/** SQLite takes any name of a type, and keeps bytes as bytes. */
export async function createDeviceBackups({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('deviceBackup')
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .addColumn('content', 'bytea', (column) => column.notNull())
    .addPrimaryKeyConstraint('deviceBackup_key', ['device', 'number'])
    .execute();
  await schema.createIndex('deviceBackup_time').on('deviceBackup').columns(['time']).execute();
}
