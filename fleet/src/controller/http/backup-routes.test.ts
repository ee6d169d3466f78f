import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { LARGEST_BACKUP } from 'spikewire/agent';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Database } from '../database/database.ts';
import { ENGINES } from '../database/new-database.test-data.ts';
import { joined, type TestDevice } from '../devices/test-device.test-data.ts';
import { startTestServer, type TestServer } from './test-server.test-data.ts';

type Engine = Database['engine'];

async function start(engine: Engine, context: TestContext, count: number, options = {}) {
  const server = await startTestServer(engine, context, options);
  return { server, devices: await joined(server.registry, count) };
}

/** What a device sends; `headers` make it another request after it was signed. */
async function upload(
  { address }: TestServer,
  device: TestDevice,
  body: Uint8Array,
  { headers = {}, counter }: { headers?: Record<string, string>; counter?: number } = {},
): Promise<number> {
  const signed = device.headers('/v1/backup', body, counter);
  const request = { method: 'POST', body, headers: { ...signed, ...headers } };
  const response = await fetch(`${address}/v1/backup`, request);
  await response.body?.cancel();
  return response.status;
}

async function download({ ask }: TestServer, id: string, query = ''): Promise<Buffer> {
  const response = await ask('operate', 'GET', `/v1/devices/${id}/backup${query}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  return Buffer.from(await response.arrayBuffer());
}

const numbersOf = async ({ done }: TestServer, { id }: TestDevice): Promise<number[]> =>
  (await done('GET', `/v1/devices/${id}`)).backups.map(({ number }: { number: number }) => number);

describe.each(ENGINES)('backups of devices, with %s,', (engine) => {
  it('come back byte for byte, and the two newest are kept', async (context) => {
    const { server, devices } = await start(engine, context, 2);
    const [pi, other] = devices as [TestDevice, TestDevice];
    const contents = [randomBytes(300_000), randomBytes(1000), randomBytes(2000)];
    for (const [k, content] of contents.entries())
      expect(await upload(server, pi, content, { counter: 10 * k + 10 })).toBe(204);
    expect(await upload(server, other, randomBytes(10))).toBe(204);
    const { backups } = await server.done('GET', `/v1/devices/${pi.id}`);
    expect(backups).toEqual([
      { number: 30, bytes: 2000, time: expect.any(Number) },
      { number: 20, bytes: 1000, time: expect.any(Number) },
    ]);
    expect(Math.abs(backups[0].time - Date.now())).toBeLessThan(60_000);
    expect(await download(server, pi.id)).toEqual(contents[2]);
    expect(await download(server, pi.id, '?number=20')).toEqual(contents[1]);
    const path = `/v1/devices/${pi.id}/backup`;
    for (const number of ['10', '31', '0', '-1', 'x', '9'.repeat(30)])
      expect((await server.ask('operate', 'GET', `${path}?number=${number}`)).status).toBe(404);
    for (const id of ['nobody', '%00', "';--", 'f'.repeat(32)])
      expect((await server.ask('operate', 'GET', `/v1/devices/${id}/backup`)).status).toBe(404);
    expect(server.warnings).toEqual([]);
  });

  it('are as large as 4 MiB, and no larger', async (context) => {
    const { server, devices } = await start(engine, context, 1);
    const largest = randomBytes(LARGEST_BACKUP);
    expect(await upload(server, devices[0]!, largest)).toBe(204);
    expect((await download(server, devices[0]!.id)).equals(largest)).toBe(true);
    const headers = { 'content-length': LARGEST_BACKUP + 1 };
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${server.address}/v1/backup`, { method: 'POST', headers }, (response) => {
        sent.destroy();
        resolve(response.statusCode);
      });
      sent.on('error', reject).flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('are refused where they are repeated, changed, or of anybody else', async (context) => {
    const { server, devices } = await start(engine, context, 2);
    const [pi, other] = devices as [TestDevice, TestDevice];
    const content = randomBytes(100);
    expect(await upload(server, pi, content, { counter: 7 })).toBe(204);
    expect(await upload(server, pi, content, { counter: 7 })).toBe(409);
    expect(await upload(server, pi, content, { counter: 6 })).toBe(409);
    const changed = { ...pi.headers('/v1/backup', content, 8) };
    const sent = await fetch(`${server.address}/v1/backup`, {
      method: 'POST',
      body: randomBytes(100),
      headers: changed,
    });
    expect(sent.status).toBe(401);
    for (const headers of [
      { 'spikewire-device': other.id },
      { 'spikewire-device': 'nobody' },
      { 'spikewire-counter': '9' },
      { 'spikewire-signature': '0'.repeat(128) },
    ])
      expect(await upload(server, pi, content, { headers, counter: 8 })).toBe(401);
    // The signature of a report, or of the same body for another path, is none of a backup.
    const headers = pi.headers('/v1/report', content, 8);
    expect(await upload(server, pi, content, { headers, counter: 8 })).toBe(401);
    expect(await numbersOf(server, pi)).toEqual([7]);
    expect(await numbersOf(server, other)).toEqual([]);
  });

  it('are deleted by a person, and cannot be uploaded again', async (context) => {
    const { server, devices } = await start(engine, context, 2);
    const [pi, other] = devices as [TestDevice, TestDevice];
    const contents = [randomBytes(100), randomBytes(200)];
    for (const [k, content] of contents.entries()) await upload(server, pi, content, { counter: k + 1 });
    await upload(server, other, contents[0]!, { counter: 1 });
    const path = `/v1/devices/${pi.id}/backup`;
    await server.done('DELETE', path);
    expect(await numbersOf(server, pi)).toEqual([]);
    expect(await numbersOf(server, other)).toEqual([1]);
    for (const query of ['', '?number=2']) expect((await server.ask('operate', 'GET', path + query)).status).toBe(404);
    expect((await server.ask('administer', 'DELETE', path)).status).toBe(404);
    const rows = await server.database.queries
      .selectFrom('deviceBackup')
      .selectAll()
      .where('device', '=', pi.id)
      .execute();
    expect(rows.map(({ bytes, content }) => [bytes, content.length])).toEqual([[0, 0]]);
    expect(await upload(server, pi, contents[1]!, { counter: 2 })).toBe(409);
    for (const counter of [3, 4]) expect(await upload(server, pi, contents[1]!, { counter })).toBe(204);
    expect(await numbersOf(server, pi)).toEqual([4, 3]);
    const { items } = await server.done('GET', `/v1/history?subject=${pi.id}`);
    expect(items[0]).toMatchObject({ actor: 'who administer', action: 'delete-backups', details: { numbers: [2, 1] } });
  });

  it('do not wait for reports, which overtake them', async (context) => {
    const { server, devices } = await start(engine, context, 1);
    await devices[0]!.report(server.registry);
    expect(await upload(server, devices[0]!, randomBytes(10), { counter: 1 })).toBe(204);
  });

  it('stay when their device is dismissed, which can upload none any more', async (context) => {
    const { server, devices } = await start(engine, context, 3);
    const [old, replacement, stolen] = devices as [TestDevice, TestDevice, TestDevice];
    const content = randomBytes(100);
    for (const device of [old, stolen]) expect(await upload(server, device, content)).toBe(204);
    await server.done('POST', `/v1/devices/${replacement.id}/replace`, { old: old.id });
    await server.done('POST', `/v1/devices/${stolen.id}/revoke`);
    for (const device of [old, stolen]) {
      expect(await upload(server, device, content)).toBe(410);
      expect(await download(server, device.id)).toEqual(content);
    }
  });

  it('are taken by people who operate devices, and the history says by whom', async (context) => {
    const { server, devices } = await start(engine, context, 1);
    const { id } = devices[0]!;
    expect(await upload(server, devices[0]!, randomBytes(10), { counter: 5 })).toBe(204);
    expect((await server.ask('look', 'GET', `/v1/devices/${id}/backup`)).status).toBe(403);
    await download(server, id);
    const { items } = await server.done('GET', `/v1/history?subject=${id}`);
    expect(items[0]).toMatchObject({ actor: 'who operate', action: 'fetch-backup', details: { number: 5 } });
    expect(items).toHaveLength(2); // and that it has joined
  });

  it('take no more space than they may: those of dismissed devices give way, those of members never', async (context) => {
    const { server, devices } = await start(engine, context, 4, { backupSpace: 1000 });
    const [first, second, third, fourth] = devices as [TestDevice, TestDevice, TestDevice, TestDevice];
    for (const device of [first, second, third]) expect(await upload(server, device, randomBytes(300))).toBe(204);
    expect(await upload(server, fourth, randomBytes(300))).toBe(507);
    expect(await upload(server, third, randomBytes(100))).toBe(204);
    expect(await upload(server, third, randomBytes(100))).toBe(204); // the one of 300 bytes has gone
    expect(await upload(server, fourth, randomBytes(300))).toBe(507);
    await server.done('POST', `/v1/devices/${second.id}/retire`);
    await server.done('POST', `/v1/devices/${first.id}/retire`);
    expect(await upload(server, fourth, randomBytes(300))).toBe(204);
    const kept = await Promise.all(devices.map((device) => numbersOf(server, device)));
    expect(kept.map(({ length }) => length)).toEqual([0, 1, 2, 1]);
    expect(await upload(server, fourth, randomBytes(1001))).toBe(507);
    expect(await Promise.all(devices.map((device) => numbersOf(server, device)))).toEqual(kept);
  });

  it('are not taken where there is no space for any', async (context) => {
    const { server, devices } = await start(engine, context, 1, { backupSpace: 0 });
    expect(await upload(server, devices[0]!, randomBytes(1))).toBe(507);
  });
});

describe('a flood of backups', () => {
  it('is refused: of one device, and of many at a time', async (context) => {
    const rules = { backupsOfDevice: { burst: 2, perSecond: 1e-6, most: 10 }, backupsAtOnce: 2 };
    const { server, devices } = await start('postgres', context, 8, { rules });
    for (const status of [204, 204, 429]) expect(await upload(server, devices[0]!, randomBytes(10))).toBe(status);
    const statuses = await Promise.all(devices.slice(1).map((device) => upload(server, device, randomBytes(2 ** 21))));
    expect(statuses.every((status) => status === 204 || status === 503)).toBe(true);
    expect(statuses).toContain(503);
    expect(await upload(server, devices[1]!, randomBytes(10))).toBe(204);
  });
});
