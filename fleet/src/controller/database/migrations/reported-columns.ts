import type { Kysely } from 'kysely';

/** What devices of this release also report: which process of theirs it is, and which base nobody offers them. */
export async function addReportedColumns({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('device').addColumn('boot', 'text').execute();
  await schema.alterTable('device').addColumn('formerBoot', 'text').execute();
  await schema.alterTable('device').addColumn('doubled', 'bigint').execute();
  await schema.alterTable('machine').addColumn('unoffered', 'text').execute();
}
