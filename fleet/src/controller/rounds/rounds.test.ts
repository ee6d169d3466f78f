import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator, readModel } from '@spikewire/models';
import { Identity, readoutOf, Sharing } from 'spikewire/agent';
import { readNetModel } from 'spikewire/session';
import { describe, expect, it, type TestContext } from 'vitest';
import { ControllerLink } from '../../../../runtime/src/agent/fleet/link.ts';
import {
  accuracyOn,
  installed,
  taughtBase,
  teach,
  UNTAUGHT,
} from '../../../../runtime/src/agent/sharing/taught-base.test-data.ts';
import type { Database } from '../database/database.ts';
import { ENGINES } from '../database/new-database.test-data.ts';
import { joined, type TestDevice } from '../devices/test-device.test-data.ts';
import { startTestServer, type TestServer } from '../http/test-server.test-data.ts';
import { Leases } from '../work/leases.ts';
import { Worker } from '../work/worker.ts';
import { aggregate } from './aggregating.ts';
import {
  BASE,
  BASE_SHA256,
  flipped,
  offeringBase,
  partFile,
  partOf,
  roundRequest,
  sha256Of,
} from './round-parts.test-data.ts';
import { RoundWork } from './round-work.ts';

type Engine = Database['engine'];

async function start(engine: Engine, context: TestContext, devices = 0, change = {}, labels = {}) {
  const rules = { partsOfDevice: { burst: 100, perSecond: 1, most: 100 } };
  const server = await startTestServer(engine, context, { offers: offeringBase(), rules });
  const { id } = await server.done('POST', '/v1/rounds', roundRequest(change));
  return { server, round: id as string, devices: devices === 0 ? [] : await joined(server.registry, devices, labels) };
}

function send({ address }: TestServer, device: TestDevice, body: Uint8Array, path = '/v1/part'): Promise<Response> {
  return fetch(address + path, { method: 'POST', body, headers: device.headers(path, body) });
}

async function wantedOf(server: TestServer, device: TestDevice, sha256 = BASE_SHA256) {
  const body = Buffer.from(JSON.stringify({ bases: [{ model: 'pump', channel: 'stable', sha256 }] }));
  return (await (await send(server, device, body, '/v1/wanted')).json()) as { parts: { round: string }[] };
}

/** A controller that works on rounds. */
function workerOf(
  { database }: TestServer,
  holder: string,
  milliseconds = 10_000,
  compute: ConstructorParameters<typeof RoundWork>[1] = aggregate,
) {
  const lines: string[] = [];
  const work = new RoundWork(database, compute);
  const worker = new Worker({
    leases: new Leases({ database, holder, milliseconds }),
    ...{ step: work.step, pending: work.pending, milliseconds: 10, warn: (line) => lines.push(line) },
  });
  return { worker, lines };
}

async function finish(server: TestServer, round: string, worker = workerOf(server, 'one').worker) {
  await expect
    .poll(
      async () => {
        await worker.tick();
        return (await server.done('GET', `/v1/rounds/${round}`)).ended;
      },
      { interval: 20 },
    )
    .not.toBeNull();
  return server.done('GET', `/v1/rounds/${round}`);
}

async function resultOf(server: TestServer, round: string): Promise<Uint8Array> {
  const response = await server.ask('release', 'GET', `/v1/rounds/${round}/result`);
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

async function contentBytes({ database }: TestServer): Promise<number> {
  const rows = await database.queries.selectFrom('roundPart').select('content').execute();
  return rows.reduce((sum, { content }) => sum + content.length, 0);
}

const close = (server: TestServer, round: string) => server.done('POST', `/v1/rounds/${round}/close`);

/** A device as it is: its agent has taught states on disk, and shares them once. */
async function share(server: TestServer, context: TestContext, seed: string): Promise<Sharing> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-rounds-'));
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { token } = await server.registry.makeToken({ by: 'ann', labels: {}, hours: 1, uses: 1 });
  const identity = (await Identity.open(folder, { controller: server.address, token }))!;
  await new ControllerLink(identity as never).join(token, AbortSignal.timeout(10_000));
  await identity.joined();
  const pump = await installed(folder, BASE);
  await teach(pump, BASE, [0, 30], { seed, shift: 0.7 });
  const ending = new AbortController();
  let pauses = 0;
  const sharing = new Sharing({
    ...{ folder, identity, names: ['pump'], machines: () => [pump], random: new RandomGenerator(1, seed) },
    pause: async () => void (++pauses === 2 && ending.abort()),
  });
  await sharing.run(ending.signal);
  return sharing;
}

describe.each(ENGINES)('a round, with %s,', (engine) => {
  it('makes of what people taught several devices a model that knows it', async (context) => {
    const { server, round } = await start(engine, context, 2, { most: 4, method: 'sum' }); // two devices are dead
    for (const seed of ['a', 'b', 'c', 'd']) {
      const sharing = await share(server, context, seed);
      expect(sharing.parts).toMatchObject([{ round, lessons: { off: 10, on: 10, idle: 10 }, acknowledged: true }]);
    }
    const shown = await finish(server, round);
    expect(shown).toMatchObject({ phase: 'done', parts: 4, taken: 4, lessons: 120, leftOut: [], reason: null });
    const file = await resultOf(server, round);
    expect(sha256Of(file)).toBe(shown.resultSha256);
    const [before, after] = [readNetModel(BASE), readNetModel(file)];
    const [own, better] = [await accuracyOn(before, 150, 'unseen', 0.7), await accuracyOn(after, 150, 'unseen', 0.7)];
    expect(better).toBeGreaterThan(own + 0.05);
    const { base: _, provenance, ...rest } = readModel(file);
    const { base: __, provenance: ___, ...same } = readModel(BASE);
    expect(rest).toEqual(same);
    expect(provenance).toMatchObject({ learnedTogether: { round, base: BASE_SHA256, parts: 4, lessons: 120 } });
    expect(readoutOf(after).classes).toEqual(readoutOf(before).classes);
    expect(await contentBytes(server)).toBe(0);
    const { items } = await server.done('GET', `/v1/history?subject=${round}`);
    expect(items.map(({ action, actor }: never) => [action, actor])).toEqual([
      ['fetch-round', 'who release'],
      ['end-round', 'controller'],
      ['begin-round', 'who administer'],
    ]);
  });

  it('closes at its deadline without devices that are dead, and without a result if too few have sent', async (context) => {
    const { server, round, devices } = await start(engine, context, 5);
    const later = async (id: string) => {
      await server.database.queries.updateTable('round').set({ deadline: 1 }).where('id', '=', id).execute();
      return finish(server, id);
    };
    for (const [k, device] of devices.slice(0, 2).entries())
      expect((await send(server, device, await partOf(round, `${k}`))).status).toBe(204);
    expect(await later(round)).toMatchObject({ phase: 'empty', reason: '2 parts came, of at least 3', taken: 0 });
    expect(await contentBytes(server)).toBe(0);
    expect((await server.ask('release', 'GET', `/v1/rounds/${round}/result`)).status).toBe(422);
    const { id } = await server.done('POST', '/v1/rounds', roundRequest());
    for (const [k, device] of devices.slice(0, 3).entries()) await send(server, device, await partOf(id, `${k}`));
    expect(await later(id)).toMatchObject({ phase: 'done', taken: 3 });
  });

  it('is computed by another controller if one is killed meanwhile', async (context) => {
    const { server, round, devices } = await start(engine, context, 3, { most: 3 });
    for (const [k, device] of devices.entries()) await send(server, device, await partOf(round, `${k}`));
    const killed = workerOf(server, 'killed', 300, () => new Promise(() => {}));
    for (let tick = 0; tick < 3; tick++) await killed.worker.tick();
    expect(await server.done('GET', `/v1/rounds/${round}`)).toMatchObject({ phase: 'closing', ended: null });
    expect((await send(server, devices[0]!, await partOf(round, 'late'))).status).toBe(204); // it has one already
    const { phase, resultSha256 } = await finish(server, round, workerOf(server, 'next').worker);
    expect(phase).toBe('done');
    const { items } = await server.done('GET', `/v1/history?subject=${round}`);
    expect(items.filter(({ action }: { action: string }) => action === 'end-round')).toHaveLength(1);
    // What the killed one would still write is refused.
    await killed.worker.tick();
    expect((await server.done('GET', `/v1/rounds/${round}`)).resultSha256).toBe(resultSha256);
  });

  it('is computed again if the database was away, and ends with a reason if there can be no result', async (context) => {
    const { server, round, devices } = await start(engine, context, 3, { most: 3 });
    for (const [k, device] of devices.entries()) await send(server, device, await partOf(round, `${k}`));
    let tries = 0;
    const { worker, lines } = workerOf(server, 'one', 10_000, async (...all) => {
      if (++tries === 1) throw new Error('connection lost');
      return aggregate(...all);
    });
    expect(await finish(server, round, worker)).toMatchObject({ phase: 'done' });
    expect(lines).toEqual([`round ${round}: connection lost; it is tried again`]);
    const { id } = await server.done('POST', '/v1/rounds', roundRequest({ most: 3 }));
    for (const device of devices) await send(server, device, await partOf(id, 'x'));
    const always = workerOf(server, 'one', 10_000, async () => Promise.reject(new Error('no memory')));
    const { phase, reason } = await finish(server, id, always.worker);
    expect([phase, reason, await contentBytes(server)]).toEqual(['empty', 'no result could be computed: no memory', 0]);
  });

  it('leaves out parts of devices that want the model to be wrong, and says how many and why', async (context) => {
    const { server, round, devices } = await start(engine, context, 10);
    for (const [k, device] of devices.entries()) {
      const label = k < 2 ? flipped : undefined;
      expect((await send(server, device, await partOf(round, `${k}`, { ...(label && { label }) }))).status).toBe(204);
    }
    const { leftOut, taken } = await finish(server, round);
    expect([taken, leftOut.length > 0]).toEqual([8, true]);
    expect(leftOut.reduce((sum: number, { parts }: { parts: number }) => sum + parts, 0)).toBe(2);
    for (const { reason } of leftOut) for (const { id } of devices) expect(reason).not.toContain(id);
    expect(await accuracyOn(readNetModel(await resultOf(server, round)), 90, 'unseen', 0.5)).toBeGreaterThan(0.8);
  });

  it('refuses what cannot be sums of lessons, in one line, and keeps nothing of it', async (context) => {
    const { server, round, devices } = await start(engine, context, 1);
    const [device] = devices as [TestDevice];
    const inputs = readoutOf(readNetModel(BASE)).inputs;
    const about = { round, base: BASE_SHA256, samples: '30' };
    const size = (inputs * (inputs + 1)) / 2;
    const [a, b] = [new Float32Array(size), new Float32Array(3 * inputs)];
    const other = await taughtBase(2);
    const wrong: [Uint8Array, number][] = [
      [Buffer.from('no part'), 400],
      [partFile(a.slice(1), b, inputs, about), 400],
      [partFile(a.slice().fill(Number.NaN), b, inputs, about), 400],
      [partFile(a, b, inputs, { ...about, samples: '-1' }), 400],
      [partFile(a, b, inputs, about), 422], // 30 samples of nothing
      [partFile(new Float32Array(3), new Float32Array(6), 2, about), 422],
      [await partOf(round, 'few', { lessons: 6 }), 422],
      [await partOf('f'.repeat(16), 'x'), 404],
      [await partOf(round, 'x', { base: other }), 422], // learned on another base
    ];
    for (const [body, status] of wrong) {
      const response = await send(server, device, body);
      const { error } = (await response.json()) as { error: string };
      expect([error, response.status, error.split('\n').length]).toEqual([error, status, 1]);
    }
    expect(await server.done('GET', `/v1/rounds/${round}`)).toMatchObject({ parts: 0, lessons: 0 });
    expect((await send(server, device, await partOf(round, 'x'))).status).toBe(204);
  });

  it('asks devices once, of its group, that have learned on its base, as long as it is open', async (context) => {
    const { server, round, devices } = await start(
      engine,
      context,
      3,
      { most: 3, labels: { site: 'mill' } },
      { site: 'mill' },
    );
    const [first, second, third] = devices as [TestDevice, TestDevice, TestDevice];
    const [stranger] = (await joined(server.registry, 1)) as [TestDevice];
    const part = await partOf(round, 'x');
    expect((await wantedOf(server, first)).parts).toMatchObject([{ round, fewest: 8, sha256: BASE_SHA256 }]);
    expect((await wantedOf(server, first, 'b'.repeat(64))).parts).toEqual([]);
    expect((await wantedOf(server, stranger)).parts).toEqual([]);
    expect((await send(server, stranger, part)).status).toBe(422);
    for (let times = 0; times < 2; times++) expect((await send(server, first, part)).status).toBe(204);
    expect((await wantedOf(server, first)).parts).toEqual([]);
    for (const device of [second, third]) await send(server, device, part);
    const { parts } = await server.done('GET', `/v1/rounds/${round}`);
    const late = (await joined(server.registry, 1, { site: 'mill' }))[0]!;
    expect([parts, (await wantedOf(server, late)).parts]).toEqual([3, []]);
    expect((await send(server, late, part)).status).toBe(422);
    const { shared } = await server.done('GET', `/v1/devices/${first.id}`);
    expect(shared).toEqual([{ round, time: expect.any(Number), samples: 30, bytes: part.length }]);
  });

  it('does not count devices that were dismissed, and lets them ask and send nothing', async (context) => {
    const { server, round, devices } = await start(engine, context, 3);
    for (const [k, device] of devices.entries()) await send(server, device, await partOf(round, `${k}`));
    await server.done('POST', `/v1/devices/${devices[0]!.id}/revoke`);
    const body = Buffer.from('{"bases":[]}');
    expect((await send(server, devices[0]!, body, '/v1/wanted')).status).toBe(410);
    expect((await send(server, devices[0]!, await partOf(round, 'x'))).status).toBe(410);
    await close(server, round);
    expect(await finish(server, round)).toMatchObject({ phase: 'empty', reason: '2 parts came, of at least 3' });
  });

  it('cannot begin with fewer than three devices, twice for the same base, or on one that does not add up', async (context) => {
    const { server, round } = await start(engine, context);
    const begin = async (change: object) => {
      const response = await server.ask('release', 'POST', '/v1/rounds', { ...roundRequest(), ...change });
      return [response.status, ((await response.json()) as { error: string }).error];
    };
    expect(await begin({ cohort: 2 })).toEqual([422, expect.stringContaining('cohort: is 2; expected')]);
    expect(await begin({ fewest: 7 })).toEqual([422, expect.stringContaining('8 to')]);
    expect(await begin({ days: 31 })).toEqual([422, expect.stringContaining('at most 30')]);
    expect(await begin({})).toEqual([422, expect.stringContaining(round)]);
    expect(await begin({ base: 'c'.repeat(64) })).toEqual([422, expect.stringContaining('does not offer')]);
    const untaught = await startTestServer(engine, context, { offers: offeringBase(UNTAUGHT) });
    const response = await untaught.ask('release', 'POST', '/v1/rounds', roundRequest({ base: sha256Of(UNTAUGHT) }));
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining('has no read-out')]);
  });
});

it('a flood of parts of one device is refused', async (context) => {
  const rules = { partsOfDevice: { burst: 2, perSecond: 1e-6, most: 10 } };
  const server = await startTestServer('postgres', context, { offers: offeringBase(), rules });
  const { id } = await server.done('POST', '/v1/rounds', roundRequest());
  const [device] = (await joined(server.registry, 1)) as [TestDevice];
  const part = await partOf(id, 'x');
  for (const status of [204, 204, 429]) expect((await send(server, device, part)).status).toBe(status);
});
