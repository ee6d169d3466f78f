import { type Kysely, PostgresAdapter, sql } from 'kysely';

/** One of them is written by each report, each step of a rollout, and each act of a person on one. */
const GUARDED = ['device', 'rollout', 'lease'];

/**
 * Controllers of the releases before this migration do not notice an upgrade: they would begin waves regardless of hours
 * and approvals. Later ones say of their connections that they do. The file of SQLite has one controller.
 */
export async function refuseEarlierControllers(database: Kysely<unknown>): Promise<void> {
  if (!(database.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`
    create function "refuseEarlier"() returns trigger language plpgsql as $$
    begin
      if current_setting('spikewire.notices_upgrades', true) is distinct from 'on' then
        raise exception 'the database was upgraded: stop this controller, which is of an earlier release';
      end if;
      return null;
    end $$`.execute(database);
  for (const table of GUARDED)
    await sql`
      create trigger "refuseEarlier" before insert or update or delete on ${sql.table(table)}
      for each statement execute function "refuseEarlier"()`.execute(database);
}
