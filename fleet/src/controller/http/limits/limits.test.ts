import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceReport, TestDevice } from '../../devices/test-device.test-data.ts';
import { startTestServer } from '../test-server.test-data.ts';
import { clientAddress } from './client-address.ts';
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

describe('a flood', () => {
  it('of reports of one device from one address leaves those of others alone', async (context) => {
    const rules = { isBehindProxy: true, ofDevice: { burst: 3, perSecond: 0.001, most: 10 } };
    const { address, registry } = await startTestServer('postgres', context, { rules });
    const { token } = await registry.makeToken({ by: 'ann', labels: {}, hours: 1, uses: 2 });
    const [loud, calm] = [new TestDevice(), new TestDevice()];
    for (const device of [loud, calm]) await device.join(registry, token);
    const report = (device: TestDevice, from: string) => {
      const body = JSON.stringify(deviceReport());
      const headers = { ...device.headers('/v1/report', Buffer.from(body)), 'x-forwarded-for': from };
      return fetch(`${address}/v1/report`, { method: 'POST', body, headers });
    };
    const statuses = [];
    for (let k = 0; k < 6; k++) statuses.push((await report(loud, '192.0.2.1')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
    const refused = await report(loud, '192.0.2.1');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(100);
    expect(await refused.json()).toEqual({ error: 'too many reports of this device' });
    expect((await report(calm, '192.0.2.1')).status).toBe(200);
    // Who floods in its name from elsewhere takes nothing from the device.
    expect((await report(loud, '192.0.2.2')).status).toBe(200);
  });

  it('of requests of one address leaves other addresses alone', async (context) => {
    const rules = { isBehindProxy: true, ofAddress: { burst: 5, perSecond: 0.001, most: 10 } };
    const { address } = await startTestServer('postgres', context, { rules });
    const ask = (from: string) => fetch(`${address}/v1/status`, { headers: { 'x-forwarded-for': from } });
    const statuses = [];
    for (let k = 0; k < 7; k++) statuses.push((await ask('192.0.2.1')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await ask('192.0.2.2')).status).toBe(401);
  });

  it('of requests at a time is answered with 503, and ends', async (context) => {
    const rules = { atOnce: 2 };
    const server = await startTestServer('postgres', context, { rules });
    const answers = await Promise.all(Array.from({ length: 30 }, () => server.ask('look', 'GET', '/v1/history/check')));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect((await server.ask('look', 'GET', '/v1/status')).status).toBe(200);
  });
});
