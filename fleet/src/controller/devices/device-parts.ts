import type { Changes, Database } from '../database/database.ts';
import type { RoundPartRow } from '../database/round-rows.ts';

/** What a device has sent to a round, by how much it is. */
export type DevicePart = Pick<RoundPartRow, 'round' | 'time' | 'samples' | 'bytes'>;

/** Of a device, those that are shown. */
const MOST_SHOWN = 10;

/** The newest first. */
export function partsOfDevice(reads: Database['queries'] | Changes, device: string): Promise<DevicePart[]> {
  return reads
    .selectFrom('roundPart')
    .select(['round', 'time', 'samples', 'bytes'])
    .where('device', '=', device)
    .orderBy('time', 'desc')
    .limit(MOST_SHOWN)
    .execute();
}
