import type { Changes, Database } from '../database/database.ts';
import type { DeviceBackupRow } from '../database/device-rows.ts';
import { inTransaction } from '../database/transaction.ts';
import { UnknownItemError } from '../database/unknown-item.ts';
import { note } from '../history/history.ts';
import { lockDevice } from './device-acts.ts';
import { isDeviceId } from './device-id.ts';
import { DeviceRefusal } from './device-refusal.ts';
import { type DeviceRequest, expectSigned } from './taking-report.ts';

/** A backup of what the machines of a device have learned, which the controller cannot read. */
export type DeviceBackup = Omit<DeviceBackupRow, 'device' | 'content'>;

/** Of a device. An older one goes when a newer one comes. */
const MOST_BACKUPS = 2;
/** Of all devices, in bytes. */
export const BACKUP_SPACE = 2 ** 32;

/** Rejects with a `DeviceRefusal` where nobody of this id is a member, before anything of a body is read. */
export async function expectMember({ queries }: Database, device: string): Promise<void> {
  const known = isDeviceId(device)
    ? await queries.selectFrom('device').select('status').where('id', '=', device).executeTakeFirst()
    : undefined;
  if (known === undefined) throw new DeviceRefusal('device', { kind: 'unknown' });
  if (known.status !== 'member') throw new DeviceRefusal(`device ${device}`, { kind: 'left', device });
}

/**
 * Keeps the body of the request as the newest backup of its device. Its counter has to be above that of the device's
 * last backup: other requests may overtake a long upload. Where there is no space, backups of devices that are no
 * members any more go, the oldest first. Rejects with a `DeviceRefusal`.
 * @param permit throws where the device, whose signature was checked, has sent too many
 */
export async function storeBackup(
  database: Database,
  space: number,
  request: DeviceRequest,
  permit: (device: string) => void,
): Promise<void> {
  const { device, counter, body } = request;
  await expectSigned(database.queries, request);
  permit(device);
  await inTransaction(database, async (changes) => {
    const { status } = await lockDevice(changes, device);
    if (status !== 'member') throw new DeviceRefusal(`device ${device}`, { kind: 'left', device });
    const before = await rowsOf(changes, device).execute();
    const last = before[0]?.number ?? 0;
    if (counter <= last) throw new DeviceRefusal(`device ${device}`, { kind: 'counter', counter: last });
    for (const { number } of before.slice(MOST_BACKUPS - 1)) await remove(changes, { device, number });
    await makeSpace(changes, space - body.byteLength);
    const row = { device, number: counter, bytes: body.byteLength, content: Buffer.from(body) };
    await changes
      .insertInto('deviceBackup')
      .values({ ...row, time: database.now() })
      .execute();
  });
}

/** Its newest backups, the newest first. */
export function backupsOf(reads: Database['queries'] | Changes, device: string): Promise<DeviceBackup[]> {
  return rowsOf(reads, device).where('bytes', '>', 0).execute();
}

/** With the row that remains of deleted ones. */
function rowsOf(reads: Database['queries'] | Changes, device: string) {
  return reads
    .selectFrom('deviceBackup')
    .select(['number', 'time', 'bytes'])
    .where('device', '=', device)
    .orderBy('number', 'desc');
}

/**
 * The newest backup of a device, or the one with this number; the history says who took it. Rejects with an
 * `UnknownItemError` where there is none.
 */
export function takeBackup(
  database: Database,
  device: string,
  number: number | undefined,
  by: string,
): Promise<Uint8Array> {
  if (!isDeviceId(device)) throw new UnknownItemError('device', device);
  return inTransaction(database, async (changes) => {
    const row = await changes
      .selectFrom('deviceBackup')
      .select(['number', 'content'])
      .where('device', '=', device)
      .where('bytes', '>', 0)
      .$if(number !== undefined, (query) => query.where('number', '=', number!))
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) throw new UnknownItemError('backup', `${number ?? device}`);
    const details = { number: row.number };
    await note(changes, database.now, { actor: by, action: 'fetch-backup', subject: device, details });
    return row.content;
  });
}

/**
 * Deletes all backups of a device. Of the newest one the number remains, without content: nobody can upload again what
 * the device had sent before. Rejects with an `UnknownItemError` where there is none.
 */
export function deleteBackups(database: Database, device: string, by: string): Promise<void> {
  return inTransaction(database, async (changes) => {
    await lockDevice(changes, device);
    const numbers = (await backupsOf(changes, device)).map(({ number }) => number);
    if (numbers.length === 0) throw new UnknownItemError('backup', device);
    await changes.deleteFrom('deviceBackup').where('device', '=', device).where('number', '<', numbers[0]!).execute();
    await changes
      .updateTable('deviceBackup')
      .set({ bytes: 0, content: Buffer.alloc(0) })
      .where('device', '=', device)
      .execute();
    await note(changes, database.now, { actor: by, action: 'delete-backups', subject: device, details: { numbers } });
  });
}

async function makeSpace(changes: Changes, most: number): Promise<void> {
  for (;;) {
    const { sum } = await changes
      .selectFrom('deviceBackup')
      .select(({ fn }) => fn.sum<number | string | null>('bytes').as('sum'))
      .executeTakeFirstOrThrow();
    if (Number(sum ?? 0) <= most) return;
    const oldest = await changes
      .selectFrom('deviceBackup')
      .innerJoin('device', 'device.id', 'deviceBackup.device')
      .select(['deviceBackup.device', 'deviceBackup.number'])
      .where('status', '!=', 'member')
      .orderBy('time')
      .limit(1)
      .executeTakeFirst();
    if (oldest === undefined) throw new DeviceRefusal('backup', { kind: 'space' });
    await remove(changes, oldest);
  }
}

async function remove(changes: Changes, { device, number }: Pick<DeviceBackupRow, 'device' | 'number'>): Promise<void> {
  await changes.deleteFrom('deviceBackup').where('device', '=', device).where('number', '=', number).execute();
}
