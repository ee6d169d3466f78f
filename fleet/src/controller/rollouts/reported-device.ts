import { type MachineOrder, MOST_REPORTED_MACHINES, type ReportedTrial } from 'spikewire/agent';
import type { Changes } from '../database/database.ts';
import type { MachineRow } from '../database/device-rows.ts';
import type { RolloutRow } from '../database/rollout-rows.ts';
import { isInGroup, type Labels, readLabels } from '../labels/labels.ts';
import { hasEnded, isOf, type Membership, machineOrder } from './machine-order.ts';
import { machineState } from './machine-state.ts';
import { NOTHING_COUNTED, withReported } from './trial-counts.ts';

/** What a device has reported, as far as rollouts need it. */
export interface ReportedDevice {
  readonly id: string;
  readonly labels: Labels;
  /** Of the report. */
  readonly time: number;
  readonly machines: readonly MachineRow[];
  readonly trials: ReadonlyMap<string, ReportedTrial | null>;
}

export type MachineOrders = Readonly<Record<string, MachineOrder>>;

/**
 * Notes in all rollouts of the devices what they report, takes their machines into open ones, and returns the orders by
 * the ids of the devices, of which each has one report.
 */
export async function takeReports(
  changes: Changes,
  devices: readonly ReportedDevice[],
): Promise<Map<string, MachineOrders>> {
  const orders = new Map<string, MachineOrders>();
  if (devices.length === 0) return orders;
  // Before their memberships: these then hold all places that the open rollouts gave them when they began.
  const open = await changes.selectFrom('rollout').selectAll().where('ended', 'is', null).orderBy('begun').execute();
  const known = await membershipsOf(
    changes,
    devices.map(({ id }) => id),
  );
  const changed: Membership[] = [];
  for (const device of devices) {
    const taken = await takeReport(changes, device, open, known.get(device.id)!);
    orders.set(device.id, taken.orders);
    changed.push(...taken.changed);
  }
  for (let k = 0; k < changed.length; k += MOST_ROWS) await store(changes, changed.slice(k, k + MOST_ROWS));
  return orders;
}

/** Of one statement, whose number of parameters SQLite bounds. */
const MOST_ROWS = 1000;

async function takeReport(
  changes: Changes,
  device: ReportedDevice,
  open: readonly RolloutRow[],
  known: readonly Membership[],
): Promise<{ readonly orders: MachineOrders; readonly changed: readonly Membership[] }> {
  const joined = await joinOpen(changes, device, open, known);
  const isNew = (one: Membership) =>
    joined.some((each) => each.rollout === one.rollout && each.machine === one.machine);
  const memberships = [...joined, ...known.filter((each) => !isNew(each))];
  const reported = memberships.map((membership) => withReport(membership, device));
  const orders = await ordersOf(changes, device, reported);
  const told = reported.map((membership) => withOrder(membership, orders[membership.machine]));
  return { orders, changed: told.filter((membership) => !known.includes(membership)) };
}

/** The membership after the order; the same object where that says nothing new. */
function withOrder(membership: Membership, order: MachineOrder | undefined): Membership {
  const isTold = order?.kind === 'install' && order.sha256 === membership.sha256 && membership.told === 0;
  return isTold ? { ...membership, told: 1 } : membership;
}

/** The orders at a time as of the newest report. */
export async function ordersOf(
  changes: Changes,
  device: Pick<ReportedDevice, 'labels' | 'machines' | 'time'>,
  memberships: readonly Membership[],
): Promise<MachineOrders> {
  const orders: [string, MachineOrder][] = [];
  for (const machine of device.machines) {
    const own = memberships.filter((each) => each.machine === machine.machine);
    const isProven = machine.base !== null || (await isNewestDone(changes, machine, device.labels));
    orders.push([machine.machine, machineOrder(machine, own, isProven, device.time)]);
  }
  return Object.fromEntries(orders);
}

const OF_ROLLOUT = [
  ...(['model', 'channel', 'sha256', 'plan', 'machines', 'phase', 'waves', 'wavePlaces', 'paused'] as const),
] as const;

/** By devices, in all rollouts that still say something of one of their machines, the newest first. */
export async function membershipsOf(changes: Changes, devices: readonly string[]): Promise<Map<string, Membership[]>> {
  const rows = await changes
    .selectFrom('rolloutMachine')
    .innerJoin('rollout', 'rollout.id', 'rolloutMachine.rollout')
    .selectAll('rolloutMachine')
    .select(OF_ROLLOUT)
    .where('device', 'in', devices)
    .where('standing', '!=', 'replaced')
    .orderBy('begun', 'desc')
    .orderBy('rollout.id')
    .execute();
  const byDevice = new Map<string, Membership[]>(devices.map((device) => [device, []]));
  for (const row of rows) byDevice.get(row.device)!.push(row);
  return byDevice;
}

/**
 * Machines that come while a rollout for machines like them is open get its last places; those that come back, the ones
 * that they had. A machine leaves an open rollout for this where it has another model since.
 */
async function joinOpen(
  changes: Changes,
  device: ReportedDevice,
  open: readonly RolloutRow[],
  memberships: readonly Membership[],
): Promise<Membership[]> {
  const joined: Membership[] = [];
  const places = new Map<string, number>();
  for (const { rollout } of memberships) places.set(rollout, (places.get(rollout) ?? 0) + 1);
  for (const machine of device.machines) {
    const own = memberships.filter((each) => each.machine === machine.machine);
    if (own.some((each) => each.standing === 'open' && isOf(each, machine))) continue;
    const rollout = open.find((each) => isFor(each, machine, device.labels));
    if (rollout === undefined) continue;
    const former = own.find((each) => each.rollout === rollout.id);
    // A device that reports other machines each time gets no more places.
    const taken = places.get(rollout.id) ?? 0;
    if (former === undefined && taken >= MOST_REPORTED_MACHINES) continue;
    const now = await lockOpen(changes, rollout.id, former === undefined ? 1 : 0);
    if (now === undefined) continue; // it has ended meanwhile
    await leaveOpen(changes, device.id, machine.machine);
    if (former === undefined) places.set(rollout.id, taken + 1);
    else await reopen(changes, former);
    const { id, model, channel, sha256, plan } = rollout;
    const { phase, waves, wavePlaces, paused, machines } = now;
    joined.push({
      ...{ rollout: id, device: device.id, machine: machine.machine, place: machines - 1 },
      ...{ state: 'waiting', told: 0, exposed: 0, reported: device.time, ...NOTHING_COUNTED },
      ...former,
      ...{ standing: 'open', model, channel, sha256, plan, machines, phase, waves, wavePlaces, paused },
    });
  }
  return joined;
}

function isFor(rollout: RolloutRow, machine: MachineRow, own: Labels): boolean {
  return isOf(rollout, machine) && isInGroup(own, readLabels(rollout.labels));
}

/** So many places more, and where the rollout stands now that nobody else changes it; undefined where it has ended. */
function lockOpen(changes: Changes, rollout: string, places: 0 | 1) {
  return changes
    .updateTable('rollout')
    .set(({ eb }) => ({ machines: eb('machines', '+', places) }))
    .where('id', '=', rollout)
    .where('ended', 'is', null)
    .returning(['machines', 'phase', 'waves', 'wavePlaces', 'paused'])
    .executeTakeFirst();
}

async function leaveOpen(changes: Changes, device: string, machine: string): Promise<void> {
  await changes
    .updateTable('rolloutMachine')
    .set({ standing: 'ended', state: 'gone' })
    .where('device', '=', device)
    .where('machine', '=', machine)
    .where('standing', '=', 'open')
    .execute();
}

async function reopen(changes: Changes, { rollout, device, machine }: Membership): Promise<void> {
  await changes
    .updateTable('rolloutMachine')
    .set({ standing: 'open' })
    .where('rollout', '=', rollout)
    .where('device', '=', device)
    .where('machine', '=', machine)
    .execute();
}

/** The membership after the report; the same object where nothing changes. */
function withReport(membership: Membership, { machines, time, trials }: ReportedDevice): Membership {
  const { sha256, model, channel, standing, state: before } = membership;
  if (standing !== 'open' && !hasEnded(membership)) return membership; // it has left the rollout
  const machine = machines.find((each) => each.machine === membership.machine);
  if (machine?.model !== model || machine.channel !== channel)
    return standing !== 'open' || before === 'gone' ? membership : { ...membership, state: 'gone' };
  const state = machineState(membership, before, machine);
  if (standing !== 'open') return state === before ? membership : { ...membership, state };
  const counts = withReported(membership, membership, trials.get(machine.machine) ?? null, machine.base === sha256);
  const exposed = state === 'installed' ? 1 : membership.exposed;
  return { ...membership, ...counts, state, exposed, reported: time };
}

async function store(changes: Changes, memberships: readonly Membership[]): Promise<void> {
  const rows = memberships.map(
    ({ model, channel, sha256, plan, machines, phase, waves, wavePlaces, paused, ...row }) => row,
  );
  await changes
    .insertInto('rolloutMachine')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['rollout', 'device', 'machine']).doUpdateSet(({ ref }) => ({
        ...{ state: ref('excluded.state'), exposed: ref('excluded.exposed'), reported: ref('excluded.reported') },
        ...{ compared: ref('excluded.compared'), differed: ref('excluded.differed') },
        ...{ labelled: ref('excluded.labelled'), gained: ref('excluded.gained'), lost: ref('excluded.lost') },
        ...{ trial: ref('excluded.trial'), told: ref('excluded.told') },
      })),
    )
    .execute();
}

/** Whether the newest rollout for machines like this is done, or there was none. */
async function isNewestDone(changes: Changes, { model, channel }: MachineRow, labels: Labels): Promise<boolean> {
  const newest = await changes
    .selectFrom('rollout')
    .select(['labels', 'phase'])
    .where('model', '=', model)
    .where('channel', '=', channel)
    .orderBy('begun', 'desc')
    .limit(NEWEST)
    .execute();
  const { phase = 'done' } = newest.find((each) => isInGroup(labels, readLabels(each.labels))) ?? {};
  return phase === 'done';
}

/** Rollouts of one model that are searched for one of the device's group. */
const NEWEST = 100;
