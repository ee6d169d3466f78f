import type { Database } from '../../database/database.ts';
import type { Registry } from '../../devices/registry.ts';
import { SILENT_AFTER } from '../../reports/interval.ts';
import type { Application } from '../base/environment.ts';
import { addRoute } from '../base/person-route.ts';
import { status } from '../schemas/people.ts';

/** @param version of spikewire */
export function addStatusRoute(
  application: Application,
  database: Database,
  registry: Registry,
  version: string,
): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/status', role: 'look', doc: 'who asks, and how the fleet is' },
    answer: status,
    answerWith: async ({ person: { name, role } }) => {
      const { now, open } = await readDatabase(database);
      const devices = await registry.counts();
      return { person: name, role, version, now, silentAfter: SILENT_AFTER, devices, openRollouts: open };
    },
  });
}

function readDatabase({ queries, now }: Database) {
  return queries
    .selectNoFrom(({ selectFrom, fn }) => [
      now().as('now'),
      selectFrom('rollout').select(fn.countAll<number>().as('open')).where('ended', 'is', null).$asScalar().as('open'),
    ])
    .$narrowType<{ open: number }>()
    .executeTakeFirstOrThrow();
}
