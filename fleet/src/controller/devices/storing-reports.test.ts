import { describe, expect, it, type TestContext, vi } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { Registry } from './registry.ts';
import { deviceReport, joined, machineReport, type TestDevice } from './test-device.test-data.ts';

async function newFleet(engine: Database['engine'], context: TestContext, count: number) {
  const database = await opened(await newDatabase(engine, context), context);
  const registry = new Registry(database);
  return { database, registry, devices: await joined(registry, count) };
}

const readings = ({ queries }: Database) => queries.selectFrom('machine').select(['device', 'readings']).execute();

function reportAll(registry: Registry, devices: readonly TestDevice[], change: (k: number) => object = () => ({})) {
  return Promise.allSettled(
    devices.map((device, k) => device.report(registry, [machineReport({ readings: k, ...change(k) })])),
  );
}

describe.each(ENGINES)('reports that come at a time, in %s,', (engine) => {
  it('are stored in few transactions, each with its own rows and orders', async (context) => {
    const { database, registry, devices } = await newFleet(engine, context, 40);
    const transactions = vi.spyOn(database.queries, 'transaction');
    const ends = await reportAll(registry, devices);
    for (const end of ends) expect(end).toMatchObject({ value: { orders: { machines: { pump: { kind: 'keep' } } } } });
    expect(transactions.mock.calls.length).toBeLessThan(10);
    const rows = await readings(database);
    const expected = devices.map(({ id }, k) => ({ device: id, readings: k }));
    expect(rows.sort(byDevice)).toEqual(expected.sort(byDevice));
  });

  it('are refused one by one: an old counter, a device that has left, what the database does not take', async (context) => {
    const { database, registry, devices } = await newFleet(engine, context, 8);
    await reportAll(registry, devices);
    await registry.retire(devices[2]!.id, 'ann');
    devices[4]!.counter = 0;
    const ends = await reportAll(registry, devices, (k) => ({ readings: k === 6 ? null : 100 + k }));
    expect(ends.map(({ status }) => status === 'rejected')).toEqual([0, 0, 1, 0, 1, 0, 1, 0].map(Boolean));
    expect(ends[2]).toMatchObject({ reason: { reason: { kind: 'left', device: devices[2]!.id } } });
    expect(ends[4]).toMatchObject({ reason: { reason: { kind: 'counter', counter: 1 } } });
    const stored = new Map((await readings(database)).map((row) => [row.device, row.readings]));
    expect(devices.map(({ id }) => stored.get(id))).toEqual([100, 101, 2, 103, 4, 105, 6, 107]);
  });

  it('are not stored again where nobody knows whether they were: their devices report again', async (context) => {
    const { database, registry, devices } = await newFleet(engine, context, 6);
    const begin = database.queries.transaction.bind(database.queries);
    const transactions = vi.spyOn(database.queries, 'transaction').mockImplementation(() => {
      const real = begin();
      const execute: typeof real.execute = async (change) => {
        await real.execute(change);
        throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
      };
      return { execute } as typeof real;
    });
    const ends = await reportAll(registry, devices);
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    expect(transactions.mock.calls.length).toBeLessThan(devices.length);
    expect(await readings(database)).toHaveLength(6);
    transactions.mockRestore();
    const again = await reportAll(registry, devices);
    expect(again.every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  it('of one device are stored in their order, the last one last', async (context) => {
    const { database, registry, devices } = await newFleet(engine, context, 1);
    const [device] = devices as [TestDevice];
    const reports = Array.from({ length: 10 }, (_, k) => deviceReport([machineReport({ readings: k })]));
    const sent = reports.map((report) => registry.report(device.request(report), () => report));
    const ends = await Promise.allSettled(sent);
    expect(ends.at(-1)!.status).toBe('fulfilled');
    expect(await readings(database)).toEqual([{ device: device.id, readings: 9 }]);
  });
});

function byDevice(a: { readonly device: string }, b: { readonly device: string }): number {
  return a.device < b.device ? -1 : 1;
}
