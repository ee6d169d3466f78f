import type { Migration } from 'kysely';
import { createDeviceBackups } from './migrations/device-backups.ts';
import { createDevices } from './migrations/devices.ts';
import { createLeasesAndHistory } from './migrations/leases-and-history.ts';
import { createPeople } from './migrations/people.ts';
import { createRollouts } from './migrations/rollouts.ts';

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
};
