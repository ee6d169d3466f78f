import type { Kysely } from 'kysely';

export async function createDevices({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('device')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('publicKey', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('joined', 'bigint', (column) => column.notNull())
    .addColumn('seen', 'bigint')
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('version', 'text')
    .addColumn('platform', 'text')
    .addColumn('memory', 'bigint')
    .execute();
  await schema.createIndex('device_name').on('device').columns(['name', 'id']).execute();
  await schema
    .createTable('deviceLabel')
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('deviceLabel_key', ['device', 'key'])
    .execute();
  await schema.createIndex('deviceLabel_value').on('deviceLabel').columns(['key', 'value', 'device']).execute();
  await createMachines(schema);
  await schema
    .createTable('joinToken')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('expires', 'bigint', (column) => column.notNull())
    .addColumn('uses', 'integer', (column) => column.notNull())
    .addColumn('madeBy', 'text', (column) => column.notNull())
    .addColumn('made', 'bigint', (column) => column.notNull())
    .execute();
}

async function createMachines(schema: Kysely<unknown>['schema']): Promise<void> {
  await schema
    .createTable('machine')
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('groups', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('base', 'text')
    .addColumn('baseName', 'text')
    .addColumn('carrying', 'text')
    .addColumn('since', 'text')
    .addColumn('former', 'text')
    .addColumn('candidate', 'text')
    .addColumn('refused', 'text', (column) => column.notNull())
    .addColumn('readings', 'bigint', (column) => column.notNull())
    .addColumn('right', 'bigint')
    .addColumn('rightOf', 'bigint')
    .addColumn('lessons', 'bigint', (column) => column.notNull())
    .addColumn('alarms', 'bigint', (column) => column.notNull())
    .addColumn('drift', 'integer', (column) => column.notNull())
    .addColumn('pinned', 'integer', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addPrimaryKeyConstraint('machine_key', ['device', 'machine'])
    .execute();
  await schema.createIndex('machine_model').on('machine').columns(['model', 'channel', 'base']).execute();
  await schema.createIndex('machine_base').on('machine').columns(['base']).execute();
}
