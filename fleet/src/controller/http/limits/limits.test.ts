import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceReport, joined, TestDevice } from '../../devices/test-device.test-data.ts';
import { startTestServer } from '../test-server.test-data.ts';
import { clientAddress } from './client-address.ts';
import { limitRules } from './limits.ts';
import { TokenBuckets } from './token-buckets.ts';

describe('a bucket of tokens', () => {
  it('lets through what a bucket of whole drops does', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 60 });
    const rates = fc.constantFrom(0.125, 0.25, 0.5, 1, 2, 4);
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 10 }), rates, (steps, burst, perSecond) => {
        let now = 0;
        const buckets = new TokenBuckets({ burst, perSecond, most: 10, clock: () => now });
        // A token is 8000 drops; each millisecond adds 8 × perSecond of them.
        let drops = burst * 8000;
        for (const step of steps) {
          now += step;
          drops = Math.min(burst * 8000, drops + step * 8 * perSecond);
          const seconds = buckets.take('one');
          expect(seconds).toBe(Math.max(0, (8000 - drops) / 8000 / perSecond));
          if (seconds === 0) drops -= 8000;
        }
      }),
    );
  });

  it('lets the next one through after the time that it has said', () => {
    let now = 0;
    const buckets = new TokenBuckets({ burst: 2, perSecond: 0.5, most: 10, clock: () => now });
    expect([buckets.take('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, 0, 2]);
    now = 1999;
    expect(buckets.take('a')).toBe(0.001);
    now = 2000;
    expect([buckets.take('a'), buckets.take('b')]).toEqual([0, 0]);
  });

  it('is one of a bounded number: those that were not used for longest go', () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 1e-9, most: 100, clock: () => 0 });
    for (let k = 0; k < 10_000; k++) {
      buckets.take('kept');
      buckets.take(`stranger ${k}`);
    }
    expect(buckets.size).toBe(100);
    expect(buckets.take('kept')).toBeGreaterThan(0);
  });
});

describe('the address of a client', () => {
  const asked = (remoteAddress: string, forwarded?: string | string[]) =>
    ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as never;

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
  ])('of %s is %s', (address, expected) => {
    expect(clientAddress(asked(address, '198.51.100.1'), false)).toBe(expected);
  });

  it('is the last one that a proxy has added, or that of the proxy', () => {
    expect(clientAddress(asked('127.0.0.1', '203.0.113.9, 198.51.100.1'), true)).toBe('198.51.100.1');
    expect(clientAddress(asked('127.0.0.1', 'nonsense'), true)).toBe('127.0.0.1');
    expect(clientAddress(asked('127.0.0.1'), true)).toBe('127.0.0.1');
  });
});

/** A request that is signed, and perhaps goes through a proxy. */
function report(address: string, device: TestDevice, forwarded = '192.0.2.1') {
  const body = JSON.stringify(deviceReport());
  const headers = { ...device.headers('/v1/report', Buffer.from(body)), 'x-forwarded-for': forwarded };
  return fetch(`${address}/v1/report`, { method: 'POST', body, headers });
}

async function statusesOf(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const statuses = [];
  for (let k = 0; k < count; k++) statuses.push((await ask()).status);
  return statuses;
}

describe('the limits of a controller', () => {
  it.each([1, 2, 5, 300])('let a device through that reports each %i s, at its fastest, for a day', (every) => {
    let now = 0;
    const limits = new TokenBuckets({ ...limitRules({ every }).ofDevice, clock: () => now });
    for (; now < 86_400_000; now += 750 * every) expect(limits.take('device')).toBe(0);
  });
});

describe('a flood', () => {
  it('of reports of one device leaves those of others alone, also behind the same address', async (context) => {
    const rules = { ofDevice: { burst: 3, perSecond: 0.001, most: 10 }, ofAddress: NONE };
    const { address, registry } = await startTestServer('postgres', context, { rules });
    const [loud, calm] = (await joined(registry, 2)) as [TestDevice, TestDevice];
    expect(await statusesOf(6, () => report(address, loud))).toEqual([200, 200, 200, 429, 429, 429]);
    const refused = await report(address, loud);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(100);
    expect(await refused.json()).toEqual({ error: 'too many reports of this device' });
    expect((await report(address, calm)).status).toBe(200);
  });

  it('of reports that a device has not signed takes nothing from it', async (context) => {
    const rules = { ofDevice: { burst: 3, perSecond: 0.001, most: 10 } };
    const { address, registry } = await startTestServer('postgres', context, { rules });
    const [device] = (await joined(registry, 1)) as [TestDevice];
    const forged = () => {
      const headers = { ...new TestDevice().headers('/v1/report', Buffer.from('{}')), 'spikewire-device': device.id };
      return fetch(`${address}/v1/report`, { method: 'POST', body: '{}', headers });
    };
    expect(await statusesOf(20, forged)).toEqual(Array(20).fill(401));
    expect((await report(address, device)).status).toBe(200);
  });

  it('of strangers from one address leaves devices and people behind it, and other addresses, alone', async (context) => {
    const rules = { isBehindProxy: true, ofAddress: { burst: 5, perSecond: 0.001, most: 10 } };
    const { address, registry, tokens } = await startTestServer('postgres', context, { rules });
    const [device] = (await joined(registry, 1)) as [TestDevice];
    const ask = (from: string, path: string, headers = {}) =>
      fetch(address + path, { headers: { 'x-forwarded-for': from, ...headers } });
    const guess = () => ask('192.0.2.1', '/v1/status', { authorization: 'Bearer guessed' });
    expect(await statusesOf(7, guess)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    for (const path of ['/', '/openapi.json', '/metrics']) expect((await ask('192.0.2.1', path)).status).toBe(429);
    const said = JSON.stringify({ token: 'x', publicKey: device.publicKey, name: 'pi' });
    const join = () =>
      fetch(`${address}/v1/join`, {
        ...{ method: 'POST', body: said },
        headers: { ...device.headers('/v1/join', Buffer.from(said)), 'x-forwarded-for': '192.0.2.1' },
      });
    expect((await join()).status).toBe(429);
    expect((await report(address, device)).status).toBe(200);
    expect((await ask('192.0.2.1', '/v1/status', { authorization: `Bearer ${tokens.look}` })).status).toBe(200);
    expect((await ask('192.0.2.2', '/v1/status')).status).toBe(401);
  });

  it('of requests of one person leaves other people alone', async (context) => {
    const rules = { ofPerson: { burst: 2, perSecond: 0.001, most: 10 } };
    const { ask } = await startTestServer('postgres', context, { rules });
    expect(await statusesOf(3, () => ask('look', 'GET', '/v1/status'))).toEqual([200, 200, 429]);
    expect((await ask('operate', 'GET', '/v1/status')).status).toBe(200);
  });

  it('of requests at a time is answered with 503, and ends', async (context) => {
    const rules = { atOnce: 2 };
    const server = await startTestServer('postgres', context, { rules });
    const answers = await Promise.all(Array.from({ length: 30 }, () => server.ask('look', 'GET', '/v1/history/check')));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect((await server.ask('look', 'GET', '/v1/status')).status).toBe(200);
  });

  it('of bodies that come little by little does not keep reports out, nor fill the log', async (context) => {
    const server = await startTestServer('postgres', context, { rules: { atOnce: 10 } });
    const [device] = (await joined(server.registry, 1)) as [TestDevice];
    const { port } = new URL(server.address);
    const slow = Array.from({ length: 10 }, () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {}); // the server ends it
      const headers = 'host: x\r\nspikewire-counter: 1\r\ncontent-length: 1000\r\n\r\n{';
      socket.write(`POST /v1/report HTTP/1.1\r\n${headers}`);
      return socket;
    });
    await expect.poll(async () => (await server.ask('look', 'GET', '/v1/status')).status).toBe(503);
    await delay(1100);
    expect(await statusesOf(5, () => report(server.address, device))).toEqual(Array(5).fill(200));
    for (const socket of slow) socket.destroy();
    expect(await statusesOf(20, () => report(server.address, device))).not.toContain(503);
    expect(server.warnings.filter((line) => !line.includes('too many'))).toEqual([]);
  });
});

/** An address from which no stranger may ask. */
const NONE = { burst: 0, perSecond: 1e-9, most: 10 };
