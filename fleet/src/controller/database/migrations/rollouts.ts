import { type Kysely, sql } from 'kysely';

export async function createRollouts({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('rollout')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('machines', 'integer', (column) => column.notNull())
    .addColumn('installed', 'integer', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('waves', 'integer', (column) => column.notNull())
    .addColumn('waveTimes', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('begun', 'bigint', (column) => column.notNull())
    .addColumn('begunBy', 'text', (column) => column.notNull())
    .addColumn('ended', 'bigint')
    .execute();
  await schema.createIndex('rollout_begun').on('rollout').columns(['begun', 'id']).execute();
  await schema
    .createIndex('rollout_open')
    .on('rollout')
    .columns(['begun'])
    .where(sql.ref('ended'), 'is', null)
    .execute();
  await schema.createIndex('rollout_model').on('rollout').columns(['model', 'channel', 'begun']).execute();
  await createRolloutMachines(schema);
}

async function createRolloutMachines(schema: Kysely<unknown>['schema']): Promise<void> {
  await schema
    .createTable('rolloutMachine')
    .addColumn('rollout', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('standing', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('exposed', 'integer', (column) => column.notNull())
    .addColumn('reported', 'bigint', (column) => column.notNull())
    .addColumn('compared', 'bigint', (column) => column.notNull())
    .addColumn('differed', 'bigint', (column) => column.notNull())
    .addColumn('labelled', 'bigint', (column) => column.notNull())
    .addColumn('gained', 'bigint', (column) => column.notNull())
    .addColumn('lost', 'bigint', (column) => column.notNull())
    .addColumn('trial', 'text')
    .addPrimaryKeyConstraint('rolloutMachine_key', ['rollout', 'device', 'machine'])
    .addUniqueConstraint('rolloutMachine_place', ['rollout', 'place'])
    .execute();
  // A machine is in one open rollout at most.
  await schema
    .createIndex('rolloutMachine_open')
    .unique()
    .on('rolloutMachine')
    .columns(['device', 'machine'])
    .where(sql.ref('standing'), '=', sql.lit('open'))
    .execute();
  await schema
    .createIndex('rolloutMachine_device')
    .on('rolloutMachine')
    .columns(['device'])
    .where(sql.ref('standing'), '!=', sql.lit('replaced'))
    .execute();
}
