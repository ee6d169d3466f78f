import type { Kysely } from 'kysely';

export async function createPeople({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('person')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('made', 'bigint', (column) => column.notNull())
    .addColumn('madeBy', 'text', (column) => column.notNull())
    .execute();
}
