import type { Migration } from 'kysely';
import { createDeviceBackups } from './migrations/device-backups.ts';
import { createDevices } from './migrations/devices.ts';
import { refuseEarlierControllers } from './migrations/earlier-controllers.ts';
import { createLeasesAndHistory } from './migrations/leases-and-history.ts';
import { createPeople } from './migrations/people.ts';
import { addReportedColumns } from './migrations/reported-columns.ts';
import { addRolloutProgress } from './migrations/rollout-progress.ts';
import { createRollouts } from './migrations/rollouts.ts';
import { createRounds } from './migrations/rounds.ts';
import { keepTrialRuns } from './migrations/trial-runs.ts';
import { widenNumbers } from './migrations/wide-numbers.ts';

/**
 * How the tables have come to be, by the order of their names. A released migration is never changed: what is new is
 * another one, which keeps the rows of those before.
 */
export const MIGRATIONS: Record<string, Migration> = {
  '0001-leases-and-history': { up: createLeasesAndHistory },
  '0002-devices': { up: createDevices },
  '0003-rollouts': { up: createRollouts },
  '0004-people': { up: createPeople },
  '0005-device-backups': { up: createDeviceBackups },
  '0006-wide-numbers': { up: widenNumbers },
  '0007-reported-columns': { up: addReportedColumns },
  '0008-rollout-progress': { up: addRolloutProgress },
  '0009-trial-runs': { up: keepTrialRuns },
  '0010-earlier-controllers': { up: refuseEarlierControllers },
  '0011-rounds': { up: createRounds },
};
