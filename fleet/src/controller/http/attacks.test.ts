import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ENGINES } from '../database/new-database.test-data.ts';
import { deviceReport, joined, machineReport, TestDevice } from '../devices/test-device.test-data.ts';
import { startTestServer, type TestServer } from './test-server.test-data.ts';

function post({ address }: TestServer, device: TestDevice, path: string, said: object, from = '192.0.2.1') {
  const body = JSON.stringify(said);
  const headers = { ...device.headers(path, Buffer.from(body)), 'x-forwarded-for': from };
  return fetch(address + path, { method: 'POST', body, headers });
}

describe.each(ENGINES)('with %s,', (engine) => {
  it('a device that lies changes nothing of another one, whatever it calls itself and its machines', async (context) => {
    const server = await startTestServer(engine, context);
    const [liar, honest] = (await joined(server.registry, 2)) as [TestDevice, TestDevice];
    await honest.report(server.registry, [machineReport({ readings: 7 }), machineReport({ machine: 'fan' })]);
    const seen = () => server.done('GET', `/v1/devices/${honest.id}`);
    const before = await seen();
    const lies = [
      [machineReport({ readings: 0, problem: 'broken' })],
      [machineReport({ machine: honest.id }), machineReport({ machine: `${honest.id}/pump` })],
      [],
    ];
    for (const machines of lies)
      expect((await post(server, liar, '/v1/report', deviceReport(machines))).status).toBe(200);
    // It joins again under the name of the other one, and with the other's key.
    const { token } = await server.done('POST', '/v1/tokens', { labels: {}, hours: 1, uses: 9 });
    const named = { token, publicKey: new TestDevice().publicKey, name: before.name };
    expect((await post(server, liar, '/v1/join', named)).status).toBe(401);
    expect((await post(server, liar, '/v1/join', { ...named, publicKey: honest.publicKey })).status).toBe(401);
    expect(await seen()).toEqual(before);
  });

  it('a token lets only as many devices join as it says, also where they ask together', async (context) => {
    const server = await startTestServer(engine, context);
    const { token } = await server.done('POST', '/v1/tokens', { labels: {}, hours: 1, uses: 3 });
    const devices = Array.from({ length: 12 }, () => new TestDevice());
    const join = (device: TestDevice) =>
      post(server, device, '/v1/join', { token, publicKey: device.publicKey, name: 'pi' });
    const answers = await Promise.all(devices.map(join));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, ...Array(9).fill(403)]);
    expect((await server.done('GET', '/v1/devices')).items).toHaveLength(3);
    expect((await server.done('GET', '/v1/tokens')).items).toEqual([]);
  });

  it('a flood of joins with wrong tokens lets devices report, and ends in 429 for its address alone', async (context) => {
    const rules = { isBehindProxy: true, ofAddress: { burst: 30, perSecond: 0.001, most: 10 } };
    const server = await startTestServer(engine, context, { rules });
    const [member] = (await joined(server.registry, 1)) as [TestDevice];
    const stranger = new TestDevice();
    const guess = { token: 'guessed', publicKey: stranger.publicKey, name: 'pi' };
    const flood = Array.from({ length: 100 }, () => post(server, stranger, '/v1/join', guess));
    const reports = Array.from({ length: 5 }, () => post(server, member, '/v1/report', deviceReport()));
    for (const report of reports) expect([200, 409]).toContain((await report).status); // they overtake each other
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 403)).toHaveLength(30);
    expect(statuses.filter((status) => status === 429)).toHaveLength(70);
    expect((await post(server, stranger, '/v1/join', guess, '192.0.2.2')).status).toBe(403);
    expect(server.warnings).toEqual([]);
  });
});

it('who sends headers little by little is let go within 10 s, and others are answered meanwhile', async (context) => {
  const server = await startTestServer('postgres', context);
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    socket.write('POST /v1/report HTTP/1.1\r\nhost: x\r\n');
    const dripping = setInterval(() => socket.write('x: y\r\n'), 500);
    socket.on('error', () => {}); // the server ends it
    return new Promise<void>((resolve) => {
      socket.resume().on('close', () => {
        clearInterval(dripping);
        resolve();
      });
    });
  });
  expect((await server.ask('look', 'GET', '/v1/status')).status).toBe(200);
  const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'late').unref());
  expect(await Promise.race([Promise.all(slow), late])).toHaveLength(200);
  expect(server.warnings).toEqual([]);
}, 20_000);
