import { createHash } from 'node:crypto';
import { isRequestSignedBy, type Orders, type SignedRequest } from 'spikewire/agent';
import type { Database } from '../database/database.ts';
import { machineRows } from '../reports/machine-row.ts';
import type { ReadReport } from '../reports/read-report.ts';
import type { MachineOrders } from '../rollouts/reported-device.ts';
import { Batches } from '../work/batches.ts';
import { isDeviceId } from './device-id.ts';
import { DeviceRefusal } from './device-refusal.ts';
import { type SignedReport, storeReports } from './storing-reports.ts';

/** A request with its signature, 64 bytes in hex. */
export type DeviceRequest = SignedRequest & { readonly signature: string };

export interface TaggedOrders {
  readonly orders: Orders;
  /** The same for the same orders. */
  readonly etag: string;
}

/** What a device has sent, and the report in its body, of which nothing is read before its signature was checked. */
export interface SentReport {
  readonly request: DeviceRequest;
  readonly read: () => ReadReport;
}

/** Of a batch, in bytes: bounds the parameters of a statement, and how long a batch takes. */
const MOST_BYTES = 2 ** 17;

/**
 * Takes the reports that come at a time in one transaction, which costs little more than that of one report: each is
 * stored as a whole or not at all, and its result are the orders. A report fails with a `DeviceRefusal`, what `read`
 * throws, or `input` for names that no device gives.
 */
export function reportBatches(database: Database): Batches<SentReport, MachineOrders> {
  return new Batches<SentReport, MachineOrders>({
    keyOf: ({ request }) => request.device,
    sizeOf: ({ request }) => request.body.length,
    most: MOST_BYTES,
    write: (sent) => takeBatch(database, sent),
  });
}

async function takeBatch(database: Database, sent: readonly SentReport[]): Promise<(MachineOrders | Error)[]> {
  const devices = sent.map(({ request }) => request.device);
  const keys = await publicKeysOf(database.queries, devices);
  const checked = sent.map((each) => checkedReport(keys, each));
  const reports = checked.filter((each): each is SignedReport => !(each instanceof Error));
  const results = reports.length === 0 ? [] : await storeReports(database, reports);
  return checked.map((each) => (each instanceof Error ? each : results[reports.indexOf(each)]!));
}

function checkedReport(keys: PublicKeys, { request, read }: SentReport): SignedReport | Error {
  try {
    expectSignedBy(keys, request);
    const report = read();
    const { device, counter } = request;
    return { device, counter, report, machines: machineRows(device, report) };
  } catch (failure) {
    return failure as Error;
  }
}

/** Rejects with a `DeviceRefusal` where no device has this id, or its key has not signed the request. */
export async function expectSigned(queries: Database['queries'], request: DeviceRequest): Promise<void> {
  expectSignedBy(await publicKeysOf(queries, [request.device]), request);
}

type PublicKeys = ReadonlyMap<string, string>;

/** By id. The key of a device never changes, so that it is read before anything is locked. */
async function publicKeysOf(queries: Database['queries'], devices: readonly string[]): Promise<PublicKeys> {
  const ids = devices.filter(isDeviceId);
  if (ids.length === 0) return new Map();
  const rows = await queries.selectFrom('device').select(['id', 'publicKey']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, publicKey }) => [id, publicKey]));
}

function expectSignedBy(keys: PublicKeys, { signature, ...request }: DeviceRequest): void {
  const key = keys.get(request.device);
  if (key === undefined || !isRequestSignedBy(key, request, signature))
    throw new DeviceRefusal('device', { kind: 'unknown' });
}

/** The orders with their tag; undefined where `etag` says that the device has them. */
export function taggedUnlessKnown(orders: Orders, etag: string | undefined): TaggedOrders | undefined {
  const tagged = tag(orders);
  return tagged.etag === etag ? undefined : tagged;
}

function tag({ machines, every }: Orders): TaggedOrders {
  const sorted = Object.entries(machines).sort(([a], [b]) => (a < b ? -1 : 1));
  const orders = { machines: Object.fromEntries(sorted), every };
  return { orders, etag: createHash('sha256').update(JSON.stringify(orders)).digest('hex').slice(0, 32) };
}
