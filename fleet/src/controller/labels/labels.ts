import { SpikewireError } from '@spikewire/models';
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Changes } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { expectName } from '../database/text.ts';

/** What people sort devices by, such as `{ "site": "mill", "line": "2" }`. */
export type Labels = Readonly<Record<string, string>>;

const MOST_LABELS = 16;

/** Throws `input` for labels that no device can have: too many of them, or other texts than names. */
function checkLabels(labels: Labels): void {
  const entries = Object.entries(labels);
  if (entries.length > MOST_LABELS)
    throw new SpikewireError('input', 'labels', `are ${entries.length}`, `at most ${MOST_LABELS}`);
  for (const [key, value] of entries) {
    expectName('labels', key);
    expectName(`label ${key}`, value);
  }
}

/** The labels as a JSON document, always the same for the same labels. */
export function writeLabels(labels: Labels): string {
  checkLabels(labels);
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

export function readLabels(text: string): Labels {
  return JSON.parse(text) as Labels;
}

/** Whether a device with the labels `own` is in the group that the other labels name; without labels, all are. */
export function isInGroup(own: Labels, group: Labels): boolean {
  return Object.entries(group).every(([key, value]) => Object.hasOwn(own, key) && own[key] === value);
}

/** The same as a condition of a query over devices. Throws `input` for labels that no device can have. */
export function devicesInGroup(of: ExpressionBuilder<Tables, 'device'>, group: Labels): Expression<SqlBool> {
  checkLabels(group);
  const conditions = Object.entries(group).map(([key, value]) =>
    of.exists(
      of
        .selectFrom('deviceLabel')
        .select('deviceLabel.key')
        .whereRef('deviceLabel.device', '=', 'device.id')
        .where('deviceLabel.key', '=', key)
        .where('deviceLabel.value', '=', value),
    ),
  );
  return of.and(conditions);
}

/** Makes these the labels of the device, in both of their tables. */
export async function storeLabels(changes: Changes, device: string, labels: Labels): Promise<void> {
  await changes
    .updateTable('device')
    .set({ labels: writeLabels(labels) })
    .where('id', '=', device)
    .execute();
  await changes.deleteFrom('deviceLabel').where('device', '=', device).execute();
  const rows = Object.entries(labels).map(([key, value]) => ({ device, key, value }));
  if (rows.length > 0) await changes.insertInto('deviceLabel').values(rows).execute();
}
