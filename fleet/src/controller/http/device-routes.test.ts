import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ENGINES } from '../database/new-database.test-data.ts';
import { deviceReport, machineReport, sha, TestDevice } from '../devices/test-device.test-data.ts';
import { startTestServer, type TestServer } from './test-server.test-data.ts';

const ONE_HOUR = { labels: { site: 'mill' }, hours: 1, uses: 1 };

/** A device that talks over HTTP. */
class HttpDevice extends TestDevice {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    super();
    this.#server = server;
  }

  /** `change` makes the request another one after it was signed. */
  post(path: string, said: unknown, headers: Record<string, string> = {}, counter?: number): Promise<Response> {
    const body = typeof said === 'string' ? said : JSON.stringify(said);
    const signed = this.headers(path, Buffer.from(body), counter);
    return fetch(this.#server.address + path, { method: 'POST', body, headers: { ...signed, ...headers } });
  }

  joinBy(token: string, name = 'pi', publicKey = this.publicKey): Promise<Response> {
    return this.post('/v1/join', { token, publicKey, name });
  }
}

async function member(server: TestServer, name?: string): Promise<HttpDevice> {
  const device = new HttpDevice(server);
  const { token } = await server.done('POST', '/v1/tokens', ONE_HOUR);
  expect(await statusOf(device.joinBy(token, name))).toBe(200);
  return device;
}

async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, headers, body } = await response;
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  await body?.cancel();
  return status;
}

describe.each(ENGINES)('a device, with %s,', (engine) => {
  it('joins, and again where the answer was lost', async (context) => {
    const server = await startTestServer(engine, context);
    const device = new HttpDevice(server);
    const { token, expires } = await server.done('POST', '/v1/tokens', ONE_HOUR);
    expect(Math.abs(expires - Date.now() - 3_600_000)).toBeLessThan(60_000);
    for (let k = 0; k < 2; k++) expect(await (await device.joinBy(token)).json()).toEqual({ device: device.id });
    expect(await statusOf(new HttpDevice(server).joinBy(token))).toBe(403);
  });

  it('is refused with a token that is wrong, expired or withdrawn', async (context) => {
    const server = await startTestServer(engine, context);
    const join = (token: string) => statusOf(new HttpDevice(server).joinBy(token));
    expect(await join('no token of this controller')).toBe(403);
    const expired = await server.done('POST', '/v1/tokens', ONE_HOUR);
    await server.database.queries.updateTable('joinToken').set({ expires: 1 }).execute();
    expect(await join(expired.token)).toBe(403);
    const withdrawn = await server.done('POST', '/v1/tokens', ONE_HOUR);
    const { items } = await server.done('GET', '/v1/tokens');
    expect(items).toEqual([expect.objectContaining({ labels: { site: 'mill' }, uses: 1, madeBy: 'who administer' })]);
    await server.done('DELETE', `/v1/tokens/${items[0].id}`);
    expect(await join(withdrawn.token)).toBe(403);
    expect((await server.done('GET', '/v1/devices')).items).toEqual([]);
  });

  it('joins with its own key only', async (context) => {
    const server = await startTestServer(engine, context);
    const { token } = await server.done('POST', '/v1/tokens', ONE_HOUR);
    const [own, other] = [new HttpDevice(server), new HttpDevice(server)];
    expect(await statusOf(own.joinBy(token, 'pi', other.publicKey))).toBe(401);
    expect(await statusOf(own.joinBy(token))).toBe(200);
  });

  it('reports, and gets orders once', async (context) => {
    const server = await startTestServer(engine, context);
    const device = await member(server);
    const first = await device.post('/v1/report', deviceReport());
    expect([first.status, await first.json()]).toEqual([200, { machines: { pump: { kind: 'keep' } }, every: 300 }]);
    const etag = first.headers.get('etag')!;
    expect(await statusOf(device.post('/v1/report', deviceReport(), { 'if-none-match': etag }))).toBe(204);
    expect(await statusOf(device.post('/v1/report', deviceReport(), { 'if-none-match': '"other"' }))).toBe(200);
  });

  it('is refused where a request is repeated, changed, or another one has signed it', async (context) => {
    const server = await startTestServer(engine, context);
    const [device, other] = [await member(server), await member(server)];
    expect(await statusOf(device.post('/v1/report', deviceReport(), {}, 7))).toBe(200);
    const repeated = await device.post('/v1/report', deviceReport(), {}, 7);
    expect([repeated.status, await repeated.json()]).toEqual([409, { error: expect.any(String), counter: 7 }]);
    const forged = [
      other.post('/v1/report', deviceReport(), { 'spikewire-device': device.id }, 8),
      device.post('/v1/report', deviceReport(), { 'spikewire-counter': '9' }, 8),
      device.post('/v1/report', deviceReport(), { 'spikewire-signature': '0'.repeat(128) }, 8),
      device.post('/v1/report', deviceReport(), { 'spikewire-signature': 'x' }, 8),
      device.post('/v1/report', deviceReport(), { 'spikewire-device': 'nobody' }, 8),
      new HttpDevice(server).post('/v1/report', deviceReport()),
    ];
    for (const response of forged) expect(await statusOf(response)).toBe(401);
    expect(await statusOf(device.post('/v1/report', deviceReport(), {}, 8))).toBe(200);
  });

  it('is told that it was dismissed', async (context) => {
    const server = await startTestServer(engine, context);
    for (const act of ['retire', 'revoke']) {
      const device = await member(server);
      await server.done('POST', `/v1/devices/${device.id}/${act}`);
      expect(await statusOf(device.post('/v1/report', deviceReport()))).toBe(410);
    }
  });

  it('is told which bodies are malformed, and none of them is stored', async (context) => {
    const server = await startTestServer(engine, context);
    const device = await member(server);
    const bodies = [
      ...['', '[]', 'null', '{', '\ufeff{}', '{"format":1}', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
      { ...deviceReport(), format: 2 },
      { ...deviceReport(), machines: Array.from({ length: 65 }, (_, k) => machineReport({ machine: `m${k}` })) },
      ...[-1, 0.5, 2 ** 53, '1', null].map((readings) => deviceReport([{ ...machineReport(), readings } as never])),
      deviceReport([machineReport({ candidate: 'pump.spike' })]),
      deviceReport([{ ...machineReport(), state: 7 as never }]),
      deviceReport([{ ...machineReport(), base: { ...machineReport().base!, sha256: "' or 1=1 --" } }]),
      deviceReport([machineReport(), machineReport()]),
    ];
    for (const body of bodies) {
      const response = await device.post('/v1/report', body);
      const { error } = (await response.json()) as { error: string };
      expect([response.status, error.includes('\n')]).toEqual([400, false]);
    }
    for (const counter of ['', '-1', '1e3', '99999999999999999', 'NaN'])
      expect(await statusOf(device.post('/v1/report', deviceReport(), { 'spikewire-counter': counter }))).toBe(400);
    expect(await server.done('GET', `/v1/devices/${device.id}`)).toMatchObject({ seen: null, machines: [] });
    expect(server.warnings).toEqual([]);
  });

  it('of a later release is understood as far as this one can', async (context) => {
    const server = await startTestServer(engine, context);
    const device = await member(server);
    const way = { compared: 9, differed: 1, labelled: 1, gained: 1, lost: 0, ended: null };
    const later = {
      ...deviceReport(),
      power: { volts: 5 },
      machines: [
        {
          ...machineReport(),
          ...{ state: 'hibernate', mood: 'good', groups: ['', ' a', 'mill', ...Array(40).fill('more')] },
          base: { ...machineReport().base!, carrying: 'distil', signedBy: 'x' },
          trial: {
            sha256: sha('b'),
            ways: [
              { carrying: 'distil', ...way },
              { carrying: 'carry', ...way },
            ],
          },
          refused: [{ sha256: sha('c'), cause: 'weather', reason: 'it rains' }],
        },
        machineReport({ machine: 'fan' }),
      ],
    };
    expect(await statusOf(device.post('/v1/report', later))).toBe(200);
    const { machines } = await server.done('GET', `/v1/devices/${device.id}`);
    expect(machines.map(({ machine }: { machine: string }) => machine)).toEqual(['fan', 'pump']);
    expect(machines[1]).toMatchObject({
      ...{ state: 'unknown', groups: ['mill', ...Array(15).fill('more')] },
      base: { sha256: sha('a'), carrying: null },
      refused: [{ sha256: sha('c'), cause: 'model', reason: 'it rains' }],
    });
    expect(JSON.stringify(machines)).not.toContain('mood');
  });

  it('is heard only as far as its signature, if that is wrong', async (context) => {
    const server = await startTestServer(engine, context);
    const device = await member(server);
    const headers = { 'spikewire-signature': '0'.repeat(128) };
    for (const body of ['{', '', '['.repeat(60_000)])
      expect(await statusOf(device.post('/v1/report', body, headers))).toBe(401);
  });

  it.for(["'; drop table device; --", '<script>alert(1)</script>', '%', '\\', '"quoted"', 'Pumpe № 5 🙂'])(
    'may be called %s',
    async (name, context) => {
      const server = await startTestServer(engine, context);
      const other = await member(server, 'other');
      const device = await member(server, name);
      await device.post('/v1/report', deviceReport([machineReport({ problem: name, groups: [name] })]));
      const list = await server.done('GET', `/v1/devices?search=${encodeURIComponent(name)}`);
      expect(list.items).toEqual([expect.objectContaining({ id: device.id, name, problem: name })]);
      await server.done('PATCH', `/v1/devices/${other.id}`, { name, labels: { [name]: name } });
      const label = encodeURIComponent(`${name}=${name}`);
      const labelled = await server.done('GET', `/v1/devices?label=${label}`);
      expect(labelled.items).toEqual([expect.objectContaining({ id: other.id, name, labels: { [name]: name } })]);
      const groups = await server.done('GET', `/v1/groups?by=${encodeURIComponent(name)}`);
      expect(groups.items.map(({ value }: { value: string | null }) => value)).toEqual([name, null]);
    },
  );
});

it('reads no body that is too long, or whose length is not said', async (context) => {
  const server = await startTestServer('postgres', context);
  const device = await member(server);
  expect(await statusOf(device.post('/v1/report', ' '.repeat(65_537)))).toBe(413);
  expect(await statusOf(device.post('/v1/join', ' '.repeat(65_537)))).toBe(413);
  const endless = await new Promise<number>((resolve, reject) => {
    const sent = request(`${server.address}/v1/report`, { method: 'POST' }, (response) => {
      sent.destroy();
      resolve(response.statusCode!);
    });
    sent.on('error', reject);
    sent.write('x'.repeat(1000)); // and no end
  });
  expect(endless).toBe(411);
  // The connection and the server are whole after that.
  expect(await statusOf(device.post('/v1/report', deviceReport()))).toBe(200);
});
