import { type Kysely, sql } from 'kysely';

/** The end of the JSON document after the counts of a trial. */
const NOTHING_EARLIER = ',"earlier":{"compared":0,"differed":0,"labelled":0,"gained":0,"lost":0}}';

/**
 * `trial` held the counts of the trial, and holds the run that a device reports now and the sums of its earlier ones.
 * When a trial of before began is not known: its next report continues it, and a probation comes after it.
 */
export async function keepTrialRuns(database: Kysely<unknown>): Promise<void> {
  const table = sql.table('rolloutMachine');
  const runs = sql`${sql.lit('{"run":"trial","counted":')} || trial || ${sql.lit(NOTHING_EARLIER)}`;
  await sql`update ${table} set trial = ${runs} where trial is not null`.execute(database);
}
