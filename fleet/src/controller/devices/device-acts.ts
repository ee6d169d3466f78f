import { SpikewireError } from '@spikewire/models';
import type { Changes, Database } from '../database/database.ts';
import type { DeviceRow } from '../database/device-rows.ts';
import { expectName } from '../database/text.ts';
import { inTransaction } from '../database/transaction.ts';
import { UnknownItemError } from '../database/unknown-item.ts';
import { note } from '../history/history.ts';
import { type Labels, readLabels, storeLabels } from '../labels/labels.ts';
import { isDeviceId } from './device-id.ts';
import { LONGEST_DEVICE_NAME } from './joining.ts';

export function renameDevice(database: Database, id: string, name: string, by: string): Promise<void> {
  expectName('name', name, LONGEST_DEVICE_NAME);
  return inTransaction(database, async (changes) => {
    const { name: before } = await member(changes, id);
    if (name === before) return;
    await changes.updateTable('device').set({ name }).where('id', '=', id).execute();
    await note(changes, database.now, { actor: by, action: 'rename', subject: id, details: { before, name } });
  });
}

/** Gives a device these labels and no others. Open rollouts for its new group take it in with its next report. */
export function relabelDevice(database: Database, id: string, labels: Labels, by: string): Promise<void> {
  return inTransaction(database, async (changes) => {
    const { labels: before } = await member(changes, id);
    await storeLabels(changes, id, labels);
    const details = { before: readLabels(before), labels };
    await note(changes, database.now, { actor: by, action: 'relabel', subject: id, details });
  });
}

/** Takes a device out of use. `revoke`: because its key may be in other hands. It cannot come back with this key. */
export function dismissDevice(database: Database, id: string, by: string, action: 'retire' | 'revoke'): Promise<void> {
  return inTransaction(database, async (changes) => {
    await dismiss(changes, id, action);
    await note(changes, database.now, { actor: by, action, subject: id });
  });
}

/**
 * Gives a device, which has joined, the name and the labels of another one, which is retired with that unless it was
 * retired or revoked before.
 */
export function replaceDevice(database: Database, old: string, id: string, by: string): Promise<void> {
  if (old === id) throw new SpikewireError('usage', `device ${id}`, 'cannot replace itself', 'another device');
  return inTransaction(database, async (changes) => {
    const { name, labels, status } = await lockDevice(changes, old);
    if (status === 'member') await dismiss(changes, old, 'retire');
    await member(changes, id);
    await changes.updateTable('device').set({ name }).where('id', '=', id).execute();
    await storeLabels(changes, id, readLabels(labels));
    await note(changes, database.now, { actor: by, action: 'replace', subject: old, details: { by: id } });
    await note(changes, database.now, { actor: by, action: 'replace', subject: id, details: { for: old } });
  });
}

/** The rows of its machines remain, for people; rollouts no longer count them. */
async function dismiss(changes: Changes, id: string, action: 'retire' | 'revoke'): Promise<DeviceRow> {
  const device = await lockDevice(changes, id);
  // A device that is retired may turn out to be stolen.
  const isPossible = device.status === 'member' || (device.status === 'retired' && action === 'revoke');
  if (!isPossible) throw new SpikewireError('usage', `device ${id}`, `is ${device.status}`, 'a member');
  const status = action === 'retire' ? 'retired' : 'revoked';
  await changes.updateTable('device').set({ status }).where('id', '=', id).execute();
  await changes
    .updateTable('rolloutMachine')
    .set({ state: 'gone' })
    .where('device', '=', id)
    .where('standing', '=', 'open')
    .execute();
  return device;
}

async function member(changes: Changes, id: string): Promise<DeviceRow> {
  const device = await lockDevice(changes, id);
  if (device.status !== 'member') throw new SpikewireError('usage', `device ${id}`, `is ${device.status}`, 'a member');
  return device;
}

/** The device, which nobody else changes until the transaction ends. */
export async function lockDevice(changes: Changes, id: string): Promise<DeviceRow> {
  if (!isDeviceId(id)) throw new UnknownItemError('device', id);
  const device = await changes
    .updateTable('device')
    .set(({ ref }) => ({ status: ref('status') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (device === undefined) throw new UnknownItemError('device', id);
  return device;
}
