import type { MachineOrder, ReportedRefusal } from 'spikewire/agent';
import type { Changes, Database } from '../database/database.ts';
import type { DeviceRow, MachineRow } from '../database/device-rows.ts';
import { type Labels, readLabels } from '../labels/labels.ts';
import type { ReadMachine } from '../reports/read-report.ts';
import { membershipsOf, ordersOf } from '../rollouts/reported-device.ts';
import { backupsOf, type DeviceBackup } from './device-backups.ts';
import { isDeviceId } from './device-id.ts';
import { type DevicePart, partsOfDevice } from './device-parts.ts';
import { DOUBLED, isDoubled } from './doubled.ts';
import { type Health, healthOf } from './health.ts';

export interface DeviceDetails
  extends Pick<DeviceRow, 'id' | 'name' | 'seen' | 'joined' | 'version' | 'platform' | 'memory'> {
  readonly labels: Labels;
  readonly health: Health;
  /** Of the device itself; null where there is none, or only its machines have some. */
  readonly problem: string | null;
  readonly machines: readonly MachineDetails[];
  /** The newest first. */
  readonly backups: readonly DeviceBackup[];
  /** What it has sent to rounds; the newest first. */
  readonly shared: readonly DevicePart[];
}

export interface MachineDetails extends Omit<ReadMachine, 'trial'> {
  /** What it is told now; null where the device is retired or revoked. */
  readonly order: MachineOrder | null;
  /** The open rollout that it is in. */
  readonly rollout: { readonly id: string; readonly name: string } | null;
  readonly reported: number;
}

/** Undefined where there is no device of this id. All of it is as it was at one moment. */
export async function deviceDetails({ queries, now }: Database, id: string): Promise<DeviceDetails | undefined> {
  if (!isDeviceId(id)) return undefined;
  return queries
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (reads) => {
      const row = await reads
        .selectFrom('device')
        .select(['id', 'name', 'labels', 'joined', 'seen', 'version', 'platform', 'memory', 'status'])
        .select((of) => [healthOf(of, now()).as('health'), isDoubled(of, now()).as('isDoubled'), now().as('time')])
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { status, time, isDoubled: isDouble, ...device } = { ...row, labels: readLabels(row.labels) };
      const machines = await reads
        .selectFrom('machine')
        .selectAll()
        .where('device', '=', id)
        .orderBy('machine')
        .execute();
      const orders = status === 'member' ? await ordersNow(reads, id, { labels: device.labels, machines, time }) : {};
      const rollouts = await openRolloutsOf(reads, id);
      return {
        ...device,
        problem: isDouble ? DOUBLED : null,
        machines: machines.map((machine) => ({
          ...reportOf(machine),
          order: orders[machine.machine] ?? null,
          rollout: rollouts.get(machine.machine) ?? null,
          reported: device.seen!,
        })),
        backups: await backupsOf(reads, id),
        shared: await partsOfDevice(reads, id),
      };
    });
}

async function ordersNow(reads: Changes, id: string, device: Parameters<typeof ordersOf>[1]) {
  return ordersOf(reads, device, (await membershipsOf(reads, [id])).get(id)!);
}

async function openRolloutsOf(reads: Changes, device: string) {
  const rows = await reads
    .selectFrom('rolloutMachine')
    .innerJoin('rollout', 'rollout.id', 'rolloutMachine.rollout')
    .select(['machine', 'id', 'name'])
    .where('device', '=', device)
    .where('standing', '=', 'open')
    .where('state', '!=', 'gone')
    .execute();
  return new Map(rows.map(({ machine, id, name }) => [machine, { id, name }]));
}

function reportOf(row: MachineRow): Omit<ReadMachine, 'trial'> {
  const { machine, model, channel, state, base, carrying, former, candidate, readings, lessons, alarms, problem } = row;
  return {
    ...{ machine, model, channel, groups: JSON.parse(row.groups) as string[], state },
    base: base === null ? null : { sha256: base, name: row.baseName!, carrying, since: row.since! },
    ...{ former, candidate, refused: JSON.parse(row.refused) as ReportedRefusal[], readings },
    accuracy: row.right === null ? null : { right: row.right, of: row.rightOf! },
    ...{ lessons, alarms, drift: row.drift === 1, pinned: row.pinned === 1, unoffered: row.unoffered, problem },
  };
}
