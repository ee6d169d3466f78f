import { type Kysely, sql } from 'kysely';

/** Rounds in which devices learn from each other, and the parts that they send. */
export async function createRounds({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('round')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('base', 'text', (column) => column.notNull())
    .addColumn('file', 'bytea', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('cohort', 'bigint', (column) => column.notNull())
    .addColumn('most', 'bigint', (column) => column.notNull())
    .addColumn('fewest', 'bigint', (column) => column.notNull())
    .addColumn('deadline', 'bigint', (column) => column.notNull())
    .addColumn('parts', 'bigint', (column) => column.notNull())
    .addColumn('taken', 'bigint', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('begun', 'bigint', (column) => column.notNull())
    .addColumn('begunBy', 'text', (column) => column.notNull())
    .addColumn('ended', 'bigint')
    .addColumn('result', 'bytea')
    .addColumn('resultSha256', 'text')
    .execute();
  await schema.createIndex('round_begun').on('round').columns(['begun', 'id']).execute();
  await schema.createIndex('round_open').on('round').columns(['base']).where(sql.ref('ended'), 'is', null).execute();
  await schema
    .createTable('roundPart')
    .addColumn('round', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('samples', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addColumn('content', 'bytea', (column) => column.notNull())
    .addColumn('leftOut', 'text')
    .addPrimaryKeyConstraint('roundPart_key', ['round', 'device'])
    .execute();
  await schema.createIndex('roundPart_device').on('roundPart').columns(['device', 'time']).execute();
}
