import { sql } from 'kysely';
import type { Changes, Database } from '../database/database.ts';
import type { DeviceRow, MachineRow } from '../database/device-rows.ts';
import { inTransaction, isAboutData } from '../database/transaction.ts';
import { readLabels } from '../labels/labels.ts';
import { shownText } from '../reports/machine-row.ts';
import type { ReadReport } from '../reports/read-report.ts';
import { type MachineOrders, takeReports } from '../rollouts/reported-device.ts';
import { DeviceRefusal } from './device-refusal.ts';
import { doubledColumns } from './doubled.ts';

/** A report whose signature was checked. */
export interface SignedReport {
  readonly device: string;
  readonly counter: number;
  readonly report: ReadReport;
  readonly machines: readonly MachineRow[];
}

/**
 * Stores reports in one transaction, and returns the orders for each, or why it is refused. What the database refuses in
 * one report harms no other: then each is stored by itself. Where nobody knows whether the transaction was stored, all
 * reports fail, and their devices report again.
 * @param reports one of each device
 */
export async function storeReports(
  database: Database,
  reports: readonly SignedReport[],
): Promise<(MachineOrders | Error)[]> {
  try {
    return await inTransaction(database, (changes) => storeTogether(changes, database.now, reports));
  } catch (failure) {
    if (reports.length === 1 || !isAboutData(failure)) throw failure;
    const alone: (MachineOrders | Error)[] = [];
    for (const report of reports) {
      const [result] = await storeReports(database, [report]).catch((reason: Error) => [reason]);
      alone.push(result!);
    }
    return alone;
  }
}

async function storeTogether(
  changes: Changes,
  now: Database['now'],
  reports: readonly SignedReport[],
): Promise<(MachineOrders | DeviceRefusal)[]> {
  const stored = await storeDevices(changes, now, reports);
  const taken = reports.filter(({ device }) => stored.has(device));
  await storeMachines(changes, taken);
  const orders = await takeReports(
    changes,
    taken.map(({ device, report, machines }) => {
      const { labels, seen } = stored.get(device)!;
      const trials = new Map(report.machines.map(({ machine, trial }) => [machine, trial]));
      return { id: device, labels: readLabels(labels), time: seen!, machines, trials };
    }),
  );
  const refusals = await refusalsOf(
    changes,
    reports.filter(({ device }) => !stored.has(device)),
  );
  return reports.map(({ device }) => orders.get(device) ?? refusals.get(device)!);
}

/** By how much a counter may be above the last one, or above the time in milliseconds: so nobody uses them all up. */
const MOST_COUNTERS_AHEAD = 86_400_000;

type Sent = Pick<DeviceRow, 'id' | 'counter' | 'version' | 'platform' | 'memory' | 'boot'>;

/**
 * One statement compares each counter and raises it: of two requests with the same one, the second is refused. Returns
 * the devices whose report is taken.
 */
async function storeDevices(changes: Changes, now: Database['now'], reports: readonly SignedReport[]) {
  const stored = await changes
    .with('sent(id, counter, version, platform, memory, boot)', () => sentRows(reports))
    .updateTable('device')
    .from('sent')
    .set((of) => ({
      ...{ counter: of.ref('sent.counter'), seen: now(), version: of.ref('sent.version') },
      ...{ platform: of.ref('sent.platform'), memory: of.ref('sent.memory') },
      ...doubledColumns(of, of.ref('sent.boot'), now()),
    }))
    .whereRef('device.id', '=', 'sent.id')
    .whereRef('device.counter', '<', 'sent.counter')
    .where(({ eb, or }) => {
      const least = eb('sent.counter', '-', MOST_COUNTERS_AHEAD);
      return or([eb('device.counter', '>=', least), eb(now(), '>=', least)]);
    })
    .where('status', '=', 'member')
    .returning(['device.id', 'device.labels', 'device.seen'])
    .execute();
  return new Map(stored.map((each) => [each.id, each]));
}

function sentRows(reports: readonly SignedReport[]) {
  const rows = reports.map(({ device, counter, report: { version, platform, memory, boot = null } }) => {
    const texts = [shownText(version), shownText(platform)].map((text) => sql`cast(${text} as text)`);
    return sql`(cast(${device} as text), cast(${counter} as bigint), ${sql.join(texts)},
      cast(${memory} as bigint), cast(${boot} as text))`;
  });
  return sql<Sent>`(values ${sql.join(rows)})`;
}

/** Why the reports are not taken. */
async function refusalsOf(changes: Changes, reports: readonly SignedReport[]): Promise<Map<string, DeviceRefusal>> {
  if (reports.length === 0) return new Map();
  const devices = reports.map(({ device }) => device);
  const rows = await changes
    .selectFrom('device')
    .select(['id', 'status', 'counter'])
    .where('id', 'in', devices)
    .execute();
  return new Map(rows.map((row) => [row.id, refusalOf(row)]));
}

function refusalOf({ id, status, counter }: Pick<DeviceRow, 'id' | 'status' | 'counter'>): DeviceRefusal {
  return new DeviceRefusal(
    `device ${id}`,
    status === 'member' ? { kind: 'counter', counter } : { kind: 'left', device: id },
  );
}

/** Makes the rows of the devices those of their reports; rows that are the same are not written. */
async function storeMachines(changes: Changes, reports: readonly SignedReport[]): Promise<void> {
  if (reports.length === 0) return;
  const devices = reports.map(({ device }) => device);
  const stored = await changes.selectFrom('machine').selectAll().where('device', 'in', devices).execute();
  const before = new Map(stored.map((row) => [keyOf(row), row]));
  const machines = reports.flatMap((report) => report.machines);
  const changed = machines.filter((row) => !isSame(row, before.get(keyOf(row))));
  if (changed.length > 0) await upsert(changes, changed);
  const reported = new Set(machines.map(keyOf));
  for (const row of stored) if (!reported.has(keyOf(row))) await remove(changes, row);
}

/** Ids of devices have one length. */
function keyOf({ device, machine }: Pick<MachineRow, 'device' | 'machine'>): string {
  return device + machine;
}

function isSame(row: MachineRow, stored: MachineRow | undefined): boolean {
  return stored !== undefined && Object.entries(row).every(([key, value]) => stored[key as keyof MachineRow] === value);
}

async function remove(changes: Changes, { device, machine }: MachineRow): Promise<void> {
  await changes.deleteFrom('machine').where('device', '=', device).where('machine', '=', machine).execute();
}

async function upsert(changes: Changes, rows: readonly MachineRow[]): Promise<void> {
  await changes
    .insertInto('machine')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['device', 'machine']).doUpdateSet(({ ref }) => ({
        ...{ model: ref('excluded.model'), channel: ref('excluded.channel'), groups: ref('excluded.groups') },
        ...{ state: ref('excluded.state'), base: ref('excluded.base'), baseName: ref('excluded.baseName') },
        ...{ carrying: ref('excluded.carrying'), since: ref('excluded.since'), former: ref('excluded.former') },
        ...{ candidate: ref('excluded.candidate'), refused: ref('excluded.refused') },
        ...{ readings: ref('excluded.readings'), right: ref('excluded.right'), rightOf: ref('excluded.rightOf') },
        ...{ lessons: ref('excluded.lessons'), alarms: ref('excluded.alarms'), drift: ref('excluded.drift') },
        ...{ pinned: ref('excluded.pinned'), unoffered: ref('excluded.unoffered'), problem: ref('excluded.problem') },
      })),
    )
    .execute();
}
