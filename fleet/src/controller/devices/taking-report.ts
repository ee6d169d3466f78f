import { createHash } from 'node:crypto';
import { isRequestSignedBy, type Orders, type SignedRequest } from 'spikewire/agent';
import type { Changes, Database } from '../database/database.ts';
import type { MachineRow } from '../database/device-rows.ts';
import { inTransaction } from '../database/transaction.ts';
import { readLabels } from '../labels/labels.ts';
import { machineRows, shownText } from '../reports/machine-row.ts';
import type { ReadReport } from '../reports/read-report.ts';
import { takeReport } from '../rollouts/reported-device.ts';
import { isDeviceId } from './device-id.ts';
import { DeviceRefusal } from './device-refusal.ts';
import { doubledColumns } from './doubled.ts';

/** A request with its signature, 64 bytes in hex. */
export type DeviceRequest = SignedRequest & { readonly signature: string };

export interface TaggedOrders {
  readonly orders: Orders;
  /** The same for the same orders. */
  readonly etag: string;
}

/**
 * Stores a report, all of it or nothing, and returns the orders; undefined where `etag` says that the device has them.
 * Throws a `DeviceRefusal`, what `read` throws, and `input` for names that no device gives.
 * @param read the report in the body, of which nothing is looked at before its signature was checked
 */
export async function reportOf(
  database: Database,
  every: number,
  request: DeviceRequest,
  read: () => ReadReport,
  etag?: string,
): Promise<TaggedOrders | undefined> {
  await expectSigned(database.queries, request);
  const report = read();
  const machines = machineRows(request.device, report);
  const orders = await inTransaction(database, async (changes) => {
    const { labels, seen } = await storeDevice(changes, database.now, request, report);
    await storeMachines(changes, request.device, machines);
    const trials = new Map(report.machines.map(({ machine, trial }) => [machine, trial]));
    return takeReport(changes, { id: request.device, labels: readLabels(labels), time: seen!, machines, trials });
  });
  const tagged = tag({ machines: orders, every });
  return tagged.etag === etag ? undefined : tagged;
}

/** The key of a device never changes, so that it is read before anything is locked. */
export async function expectSigned(
  queries: Database['queries'],
  { signature, ...request }: DeviceRequest,
): Promise<void> {
  const { device } = request;
  const known = isDeviceId(device)
    ? await queries.selectFrom('device').select('publicKey').where('id', '=', device).executeTakeFirst()
    : undefined;
  if (known === undefined || !isRequestSignedBy(known.publicKey, request, signature))
    throw new DeviceRefusal('device', { kind: 'unknown' });
}

/** By how much a counter may be above the last one, or above the time in milliseconds: so nobody uses them all up. */
const MOST_COUNTERS_AHEAD = 86_400_000;

/** One statement compares the counter and raises it: of two requests with the same one, the second is refused. */
async function storeDevice(
  changes: Changes,
  now: Database['now'],
  { device, counter }: DeviceRequest,
  { version, platform, memory, boot }: ReadReport,
) {
  const stored = await changes
    .updateTable('device')
    .set((of) => ({
      ...{ counter, seen: now(), version: shownText(version) },
      ...{ platform: shownText(platform), memory },
      ...doubledColumns(of, boot, now()),
    }))
    .where('id', '=', device)
    .where('counter', '<', counter)
    .where(({ eb, or }) => {
      const least = counter - MOST_COUNTERS_AHEAD;
      return or([eb('counter', '>=', least), eb(now(), '>=', least)]);
    })
    .where('status', '=', 'member')
    .returning(['labels', 'seen'])
    .executeTakeFirst();
  return stored ?? refuse(changes, device);
}

async function refuse(changes: Changes, device: string): Promise<never> {
  const { status, counter } = await changes
    .selectFrom('device')
    .select(['status', 'counter'])
    .where('id', '=', device)
    .executeTakeFirstOrThrow();
  throw new DeviceRefusal(
    `device ${device}`,
    status === 'member' ? { kind: 'counter', counter } : { kind: 'left', device },
  );
}

/** Makes the rows of the device those of the report; rows that are the same are not written. */
async function storeMachines(changes: Changes, device: string, machines: readonly MachineRow[]): Promise<void> {
  const stored = await changes.selectFrom('machine').selectAll().where('device', '=', device).execute();
  const before = new Map(stored.map((row) => [row.machine, row]));
  const changed = machines.filter((row) => !isSame(row, before.get(row.machine)));
  if (changed.length > 0) await upsert(changes, changed);
  const reported = new Set(machines.map(({ machine }) => machine));
  const removed = stored.flatMap(({ machine }) => (reported.has(machine) ? [] : machine));
  if (removed.length > 0)
    await changes.deleteFrom('machine').where('device', '=', device).where('machine', 'in', removed).execute();
}

function isSame(row: MachineRow, stored: MachineRow | undefined): boolean {
  return stored !== undefined && Object.entries(row).every(([key, value]) => stored[key as keyof MachineRow] === value);
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

function tag({ machines, every }: Orders): TaggedOrders {
  const sorted = Object.entries(machines).sort(([a], [b]) => (a < b ? -1 : 1));
  const orders = { machines: Object.fromEntries(sorted), every };
  return { orders, etag: createHash('sha256').update(JSON.stringify(orders)).digest('hex').slice(0, 32) };
}
