import { RandomGenerator } from '@spikewire/models';
import { sql } from 'kysely';
import type { MachineOrder, MachineReport } from 'spikewire/agent';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { Registry } from '../devices/registry.ts';
import { joined, machineReport, sha, type TestDevice } from '../devices/test-device.test-data.ts';
import { readLabels } from '../labels/labels.ts';
import { SILENT_AFTER } from '../reports/interval.ts';
import { machineRows } from '../reports/machine-row.ts';
import { DEFAULT_PLAN, type Plan } from '../rollouts/plan.ts';
import { type MachineOrders, takeReports } from '../rollouts/reported-device.ts';
import { Rollouts } from '../rollouts/stored-rollouts.ts';
import { pendingHints } from './pending-hints.ts';

const MINUTE = 60_000;
const HOURS = { from: '22:00', to: '05:00', zone: 'UTC' } as const;

/** A fleet with a clock of its own. */
class Fleet {
  time = Date.parse('2026-12-01T21:00:00Z');
  readonly database: Database;
  readonly registry: Registry;
  readonly rollouts: Rollouts;

  constructor(database: Database) {
    this.database = { ...database, now: () => sql<number>`cast(${this.time} as bigint)` };
    this.registry = new Registry(this.database);
    this.rollouts = new Rollouts(this.database);
  }

  async pending(): Promise<string[]> {
    return (await pendingHints(this.database)).map(({ device }) => device).sort();
  }

  /** Four machines try the base first, whatever the least number is. */
  async begin(base: string, plan: Partial<Plan> = {}, site = 'mill'): Promise<string> {
    const request = { name: 'pump 2', model: 'pump', channel: 'stable', sha256: base, labels: { site } };
    const id = await this.rollouts.begin({ ...request, plan: DEFAULT_PLAN }, 'ann');
    const stored = JSON.stringify({ ...DEFAULT_PLAN, shadow: 4, waves: [0.25, 0.5, 1], ...plan });
    await this.database.queries.updateTable('rollout').set({ plan: stored }).where('id', '=', id).execute();
    return id;
  }

  /** Its next wave, as if its trial or its wave were over. */
  async proceed(id: string): Promise<void> {
    const open = this.database.queries.updateTable('rollout').where('id', '=', id).where('ended', 'is', null);
    await open.set({ phase: 'held' }).execute();
    await this.rollouts.approve(id, 'ann');
  }

  async byPlace(id: string): Promise<string[]> {
    const rows = this.database.queries.selectFrom('rolloutMachine').select('device').where('rollout', '=', id);
    return (await rows.orderBy('place').execute()).map(({ device }) => device);
  }
}

async function newFleet(engine: Database['engine'], context: TestContext, count = 12) {
  const fleet = new Fleet(await opened(await newDatabase(engine, context), context));
  const devices = await joined(fleet.registry, count, { site: 'mill' });
  for (const device of devices) await device.report(fleet.registry);
  fleet.time += MINUTE;
  return { fleet, devices };
}

/** The orders that a device would get, if it reported this now. */
async function ordersNow(
  { database, time }: Fleet,
  { id }: TestDevice,
  reported: MachineReport,
): Promise<MachineOrders> {
  let orders: MachineOrders;
  const isUndone = database.queries.transaction().execute(async (changes) => {
    const row = changes.selectFrom('device').select('labels').where('id', '=', id);
    const labels = readLabels((await row.executeTakeFirstOrThrow()).labels);
    const machines = machineRows(id, { machines: [reported] } as never);
    orders = (await takeReports(changes, [{ id, labels, time, machines, trials: new Map() }])).get(id)!;
    throw new Error('undone');
  });
  await expect(isUndone).rejects.toThrow('undone');
  return orders!;
}

const base = (sha256: string) => ({ sha256, name: 'pump', carrying: null, since: '2026-12-01T00:00:00.000Z' });

/** A machine, and what its device has been told last. */
interface Standing {
  readonly machine: Pick<MachineReport, 'base' | 'former' | 'candidate' | 'state'>;
  readonly orders: MachineOrders;
  readonly time: number;
}

function firstStanding(sha256: string | null): Standing {
  const machine = {
    base: sha256 === null ? null : base(sha256),
    former: null,
    candidate: null,
    state: 'idle',
  } as const;
  return { machine, orders: {}, time: 0 };
}

/** The machine when it has done what its order says. */
function obeyed(machine: Standing['machine'], order: MachineOrder | undefined): Standing['machine'] {
  const has = machine.base?.sha256;
  if (order === undefined || order.kind === 'wait') return machine;
  if (order.kind === 'keep')
    return { ...machine, base: machine.base ?? base(sha('a')), candidate: null, state: 'idle' };
  const { kind, sha256 } = order;
  if (kind === 'try') return { ...machine, candidate: sha256, state: 'shadow' };
  if (kind === 'install' && has !== sha256)
    return { base: base(sha256), former: has ?? null, candidate: null, state: 'probation' };
  if (kind === 'install') return order.watch ? machine : { ...machine, former: null, state: 'idle' };
  if (has !== sha256) return { ...machine, candidate: null, state: 'idle' };
  return machine.former === null ? machine : { ...machine, base: base(machine.former), former: null, state: 'idle' };
}

describe.each(ENGINES)('devices that a hint is for, in %s,', (engine) => {
  it('are those of the shadow, of each wave, and of the end, until they have reported', async (context) => {
    const { fleet, devices } = await newFleet(engine, context);
    const reportOf = (ids: readonly string[], change: Partial<MachineReport>) =>
      Promise.all(
        devices
          .filter(({ id }) => ids.includes(id))
          .map((device) => device.report(fleet.registry, [machineReport(change)])),
      );
    expect(await fleet.pending()).toEqual([]);
    const id = await fleet.begin(sha('b'));
    const places = await fleet.byPlace(id);
    const at = (from: number, to: number) => places.slice(from, to).sort();
    expect(await fleet.pending()).toEqual(at(0, 4));
    fleet.time += MINUTE;
    await reportOf(at(0, 3), { candidate: sha('b'), state: 'shadow' });
    expect(await fleet.pending()).toEqual(at(3, 4));
    await reportOf(at(3, 4), {}); // it has its order, and has not begun
    expect(await fleet.pending()).toEqual([]);

    await fleet.proceed(id);
    expect(await fleet.pending()).toEqual(at(0, 4)); // a wave of 3, and the one that did not begin
    fleet.time += MINUTE;
    await reportOf(at(0, 4), { base: base(sha('b')), former: sha('a'), state: 'probation' });
    expect(await fleet.pending()).toEqual([]);
    await fleet.proceed(id);
    expect(await fleet.pending()).toEqual(at(4, 6));
    await fleet.rollouts.abort(id, 'ann');
    expect(await fleet.pending()).toEqual(at(0, 6));
    fleet.time += SILENT_AFTER;
    expect(await fleet.pending()).toEqual([]);
  });

  it('are those whose labels have changed, and no longer a device that was retired', async (context) => {
    const { fleet, devices } = await newFleet(engine, context, 2);
    const [first, second] = devices as [TestDevice, TestDevice];
    await fleet.registry.relabel(first.id, { site: 'shed' }, 'ann');
    expect(await fleet.pending()).toEqual([first.id]);
    await fleet.begin(sha('b'));
    expect(await fleet.pending()).toEqual([first.id, second.id].sort());
    await fleet.registry.retire(second.id, 'ann');
    expect(await fleet.pending()).toEqual([first.id]);
  });

  it('are those to which the hours of a plan begin to apply', async (context) => {
    const { fleet, devices } = await newFleet(engine, context, 1);
    const id = await fleet.begin(sha('b'), { hours: HOURS });
    await fleet.proceed(id);
    fleet.time += MINUTE;
    await devices[0]!.report(fleet.registry);
    expect(await fleet.pending()).toEqual([]);
    fleet.time = Date.parse('2026-12-01T22:00:01Z');
    expect(await fleet.pending()).toEqual([devices[0]!.id]);
  });

  it('are all whose orders have changed, whatever people do', async (context) => {
    const { fleet, devices } = await newFleet(engine, context);
    const random = new RandomGenerator(7, 'pending hints');
    const draw = <Item>(items: readonly Item[]) => items[random.nextUint32() % items.length]!;
    const known = new Map(devices.map((device, k) => [device, firstStanding(k % 4 === 0 ? null : sha('a'))]));
    const report = async (device: TestDevice) => {
      const { orders, machine } = known.get(device)!;
      // Machines obey sooner or later.
      const now = random.nextUniform() < 0.6 ? obeyed(machine, orders.pump) : machine;
      const given = (await device.report(fleet.registry, [machineReport(now)]))!.orders.machines;
      known.set(device, { machine: now, orders: given, time: fleet.time });
    };
    for (const device of devices) await report(device);
    let [due, named, newest] = [0, 0, ''];
    for (let round = 0; round < 60; round++) {
      fleet.time += Math.round(random.nextUniform() * 10 * MINUTE);
      const open = (await fleet.rollouts.list({ limit: 100, phase: 'open' })).items;
      const kind = random.nextUniform();
      if (open.length === 0) newest = `${round}`.padStart(64, '0');
      if (open.length === 0) await fleet.begin(newest, { hours: draw([null, HOURS]) });
      else if (kind < 0.3) await fleet.proceed(open[0]!.id);
      else if (kind < 0.4) await fleet.rollouts.abort(open[0]!.id, 'ann');
      else if (kind < 0.6) await fleet.rollouts[open[0]!.paused ? 'resume' : 'pause'](open[0]!.id, 'ann');
      else if (kind < 0.7) await fleet.registry.relabel(draw(devices).id, { site: draw(['mill', 'shed']) }, 'ann');
      fleet.time += 1;
      const pending = await fleet.pending();
      for (const [device, { machine, orders, time }] of known) {
        const now = await ordersNow(fleet, device, machineReport(machine));
        // Who has not even followed an earlier rollout finds out when it reports.
        const isOfNewest = [orders, now].every(({ pump }) => !('sha256' in pump!) || pump.sha256 === newest);
        if (time <= fleet.time - SILENT_AFTER || !isOfNewest) continue;
        const isDue = JSON.stringify(now) !== JSON.stringify(orders);
        if (isDue) expect(pending).toContain(device.id);
        due += isDue ? 1 : 0;
        named += pending.includes(device.id) ? 1 : 0;
      }
      fleet.time += 1;
      for (let k = 0; k < 6; k++) await report(draw(devices));
    }
    expect(due).toBeGreaterThan(40);
    expect(named / due).toBeLessThan(3); // few hints are for nothing
  });
});
