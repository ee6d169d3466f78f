import { describe, expect, it, type TestContext, vi } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { checkHistory } from '../history/history.ts';
import { Registry } from './registry.ts';
import { deviceReport, joined, machineReport, sha, TestDevice } from './test-device.test-data.ts';

async function newRegistry(engine: Database['engine'], context: TestContext) {
  const database = await opened(await newDatabase(engine, context), context);
  return { database, registry: new Registry(database) };
}

const ANN = { by: 'ann', labels: { site: 'mill' }, hours: 1 };
const KEEP = { kind: 'keep' };

describe.each(ENGINES)('joining, in %s,', (engine) => {
  it('gives a device the labels of its token, and the same answer again', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const { token } = await registry.makeToken({ ...ANN, uses: 1 });
    const device = new TestDevice();
    expect(await device.join(registry, token)).toEqual({ device: device.id });
    expect(await device.join(registry, token)).toEqual({ device: device.id });
    const [row] = await database.queries.selectFrom('device').selectAll().execute();
    expect(row).toMatchObject({ id: device.id, name: 'pi', labels: '{"site":"mill"}', status: 'member', seen: null });
    expect(await database.queries.selectFrom('deviceLabel').selectAll().execute()).toEqual([
      { device: device.id, key: 'site', value: 'mill' },
    ]);
    expect(await checkHistory(database)).toMatchObject({ kind: 'whole', head: { number: 2 } });
  });

  it('refuses a token that is used up, withdrawn, expired or unknown, and keeps nothing of it', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const refused = { code: 'access', reason: { kind: 'token' } };
    const used = await registry.makeToken({ ...ANN, uses: 1 });
    await new TestDevice().join(registry, used.token);
    await expect(new TestDevice().join(registry, used.token)).rejects.toMatchObject(refused);
    const withdrawn = await registry.makeToken({ ...ANN, uses: 1 });
    await registry.withdrawToken((await registry.tokens())[0]!.id, 'ann');
    await expect(new TestDevice().join(registry, withdrawn.token)).rejects.toMatchObject(refused);
    const expired = await registry.makeToken({ ...ANN, uses: 1 });
    await database.queries.updateTable('joinToken').set({ expires: 1 }).execute();
    await expect(new TestDevice().join(registry, expired.token)).rejects.toMatchObject(refused);
    await expect(new TestDevice().join(registry, '')).rejects.toMatchObject(refused);
    expect(await database.queries.selectFrom('device').selectAll().execute()).toHaveLength(1);
    await registry.makeToken({ ...ANN, uses: 1 });
    expect(await database.queries.selectFrom('joinToken').selectAll().execute()).toHaveLength(1);
  });

  it('lets in as many devices as the token says, also where more ask at a time', async (context) => {
    const address = await newDatabase(engine, context);
    const registries = await Promise.all([1, 2].map(async () => new Registry(await opened(address, context))));
    const { token } = await registries[0]!.makeToken({ ...ANN, uses: 3 });
    const asked = Array.from({ length: 8 }, (_, k) => new TestDevice().join(registries[k % 2]!, token));
    const answers = await Promise.allSettled(asked);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it.for(['', ' pi', 'a\0b', '\ud800', 'x'.repeat(65), 'x'.repeat(10_000)])(
    'refuses the name %j',
    async (name, context) => {
      const { registry } = await newRegistry(engine, context);
      const { token } = await registry.makeToken({ ...ANN, uses: 1 });
      await expect(new TestDevice().join(registry, token, name)).rejects.toMatchObject({ code: 'input' });
      const name2 = `'; drop table device; --<b>`;
      await expect(new TestDevice().join(registry, token, name2)).resolves.toBeDefined();
    },
  );

  it('by no valid token, or once more, begins no change of the database', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [member] = await joined(registry, 1);
    const expired = await registry.makeToken({ ...ANN, uses: 1 });
    await database.queries.updateTable('joinToken').set({ expires: 1 }).execute();
    const changes = vi.spyOn(database.queries, 'transaction');
    for (const token of ['wrong', '', expired.token])
      await expect(new TestDevice().join(registry, token)).rejects.toMatchObject({ reason: { kind: 'token' } });
    expect(await member!.join(registry, 'wrong')).toEqual({ device: member!.id });
    expect(changes).not.toHaveBeenCalled();
  });
});

describe.each(ENGINES)('reports, in %s,', (engine) => {
  it('are stored, and answered with orders until the device has them', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1);
    const machines = [machineReport(), machineReport({ machine: 'fan', drift: true, accuracy: { right: 8, of: 9 } })];
    const { orders, etag } = (await device!.report(registry, machines))!;
    expect(orders).toEqual({ machines: { pump: KEEP, fan: KEEP }, every: 300 });
    const rows = await database.queries.selectFrom('machine').selectAll().orderBy('machine').execute();
    expect(rows).toMatchObject([
      { device: device!.id, machine: 'fan', base: sha('a'), drift: 1, right: 8, rightOf: 9 },
      { device: device!.id, machine: 'pump', base: sha('a'), drift: 0, right: null, pinned: 0 },
    ]);
    expect(await device!.report(registry, machines, etag)).toBeUndefined();
    expect(await device!.report(registry, [machines[1]!], etag)).toMatchObject({ orders: { machines: { fan: KEEP } } });
    expect(await database.queries.selectFrom('machine').select('machine').execute()).toEqual([{ machine: 'fan' }]);
  });

  it('count once when they are repeated, doubled or reordered', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1);
    const reports = [1, 2, 3].map((readings) => deviceReport([machineReport({ readings })]));
    const requests = reports.map((report) => device!.request(report));
    const send = (k: number) => registry.report(requests[k]!, () => reports[k]!);
    const refusal = (counter: number) => ({ code: 'access', reason: { kind: 'counter', counter } });
    await send(0);
    await expect(send(0)).rejects.toMatchObject(refusal(1));
    await send(2);
    await expect(send(1)).rejects.toMatchObject(refusal(3));
    const { readings } = await database.queries.selectFrom('machine').select('readings').executeTakeFirstOrThrow();
    expect(readings).toBe(3);
    const report = deviceReport();
    const doubled = device!.request(report);
    const sent = await Promise.allSettled(Array.from({ length: 6 }, () => registry.report(doubled, () => report)));
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('cannot use up the counters of a device', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1);
    const report = deviceReport();
    const send = (counter: number) => registry.report(device!.request(report, counter), () => report);
    const refusal = (counter: number) => ({ code: 'access', reason: { kind: 'counter', counter } });
    const day = 86_400_000;
    for (const counter of [Number.MAX_SAFE_INTEGER, 2 ** 52, Date.now() + 2 * day])
      await expect(send(counter)).rejects.toMatchObject(refusal(0));
    const now = Date.now();
    await send(now);
    await expect(send(now + 2 * day)).rejects.toMatchObject(refusal(now));
    // One that has come about in another way, such as by a clock of the controller that was set back, goes on.
    const ahead = now + 1000 * day;
    await database.queries.updateTable('device').set({ counter: ahead }).execute();
    await expect(send(ahead + day + 1)).rejects.toMatchObject(refusal(ahead));
    await send(ahead + 1);
  });

  it('of a device that has not signed them, or another one, change nothing', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [device, other] = await joined(registry, 2);
    const report = deviceReport();
    const unknown = { code: 'access', reason: { kind: 'unknown' } };
    const forged = { ...device!.request(report), device: other!.id };
    await expect(registry.report(forged, () => report)).rejects.toMatchObject(unknown);
    const changed = { ...device!.request(report), body: Buffer.from('{}') };
    await expect(registry.report(changed, () => report)).rejects.toMatchObject(unknown);
    const stranger = new TestDevice();
    await expect(stranger.report(registry)).rejects.toMatchObject(unknown);
    const hostile = { ...device!.request(report), device: "' or 1=1 --\0" };
    await expect(registry.report(hostile, () => report)).rejects.toMatchObject(unknown);
    expect(await database.queries.selectFrom('machine').selectAll().execute()).toEqual([]);
  });

  it('with hostile texts are shown as text, or refused where they name something', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1);
    const problem = `a\0b\ud800'; drop table machine; --${'x'.repeat(10_000)}`;
    await device!.report(registry, [machineReport({ problem })]);
    const row = await database.queries.selectFrom('machine').select('problem').executeTakeFirstOrThrow();
    expect(row.problem).toMatch(/^a\\u0000b\\ud800'; drop table machine; --x+$/);
    expect(row.problem!.length).toBeLessThan(600);
    for (const machine of ['a\0b', '\udc00', 'x'.repeat(10_000), ''])
      await expect(device!.report(registry, [machineReport({ machine })])).rejects.toMatchObject({ code: 'input' });
    await device!.report(registry, [machineReport({ machine: '__proto__' })]);
    const machine = `'; drop table "device"; --`;
    const answer = await device!.report(registry, [machineReport({ machine })]);
    expect(answer).toMatchObject({ orders: { machines: { [machine]: KEEP } } });
  });

  it.for([
    ['a machine twice', [machineReport(), machineReport()]],
    ['a model without a name', [machineReport({ model: '' })]],
  ] as const)('with %s are refused, and change nothing', async ([, machines], context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1);
    await expect(device!.report(registry, machines)).rejects.toMatchObject({ code: 'input' });
    expect(await database.queries.selectFrom('machine').selectAll().execute()).toEqual([]);
    expect(await database.queries.selectFrom('device').select('counter').execute()).toEqual([{ counter: 0 }]);
  });

  it('leave no entry in the history, and at most 8 refusals of a machine', async (context) => {
    const { database, registry } = await newRegistry(engine, context);
    const [device] = await joined(registry, 1);
    const before = await checkHistory(database);
    const refused = Array.from({ length: 20 }, (_, k) => ({
      ...{ sha256: (k % 16).toString(16).repeat(64), cause: 'model' as const, reason: `reason ${k}` },
    }));
    for (let k = 0; k < 3; k++) await device!.report(registry, [machineReport({ refused, readings: k })]);
    expect(await checkHistory(database)).toEqual(before);
    const row = await database.queries.selectFrom('machine').select('refused').executeTakeFirstOrThrow();
    expect(JSON.parse(row.refused).map(({ reason }: { reason: string }) => reason)).toEqual(
      Array.from({ length: 8 }, (_, k) => `reason ${k + 12}`),
    );
  });
});
