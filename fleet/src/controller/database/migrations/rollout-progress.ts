import { type Kysely, sql } from 'kysely';

interface Rollout {
  readonly id: string;
  readonly plan: string;
  readonly machines: number;
  readonly waves: number;
  readonly wavePlaces: string;
}

/**
 * How far a rollout has come, by the places that its waves have reached, by who has approved it, and by the machines
 * that were told to install its base; in its plan, questions and hours, of which those of before have none.
 */
export async function addRolloutProgress(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  const rollout = schema.alterTable('rollout');
  await rollout.addColumn('wavePlaces', 'text', (column) => column.notNull().defaultTo('[]')).execute();
  await rollout.addColumn('approvals', 'text', (column) => column.notNull().defaultTo('[]')).execute();
  const machine = schema.alterTable('rolloutMachine');
  await machine.addColumn('told', 'integer', (column) => column.notNull().defaultTo(0)).execute();
  await storePlaces(database as Kysely<{ rollout: Rollout }>);
  const plan = sql`${sql.lit('{"questionsPerDay":null,"hours":null,')} || substr(plan, 2)`;
  await sql`update rollout set plan = ${plan}`.execute(database);
}

/** Each wave reached a share of all machines. */
async function storePlaces(database: Kysely<{ rollout: Rollout }>): Promise<void> {
  const begun = await database.selectFrom('rollout').selectAll().where('waves', '>', 0).execute();
  for (const { id, plan, machines, waves } of begun) {
    const shares = (JSON.parse(plan) as { readonly waves: readonly number[] }).waves.slice(0, waves);
    const places = shares.map((share, k) => Math.min(machines, Math.max(k + 1, Math.ceil(share * machines))));
    await database
      .updateTable('rollout')
      .set({ wavePlaces: JSON.stringify(places) })
      .where('id', '=', id)
      .execute();
  }
}
