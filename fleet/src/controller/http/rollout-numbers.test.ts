import { describe, expect, it } from 'vitest';
import { ENGINES } from '../database/new-database.test-data.ts';
import { joined, machineReport, sha } from '../devices/test-device.test-data.ts';
import { Offers } from '../offers/offers.ts';
import { DEFAULT_PLAN } from '../rollouts/plan.ts';
import { RolloutWork } from '../rollouts/rollout-work.ts';
import { startTestServer } from './test-server.test-data.ts';

/** Offers whatever is asked for. */
class AnyOffers extends Offers {
  override async expect() {}
}

const REQUEST = { name: 'new', model: 'pump', channel: 'stable', sha256: sha('b'), labels: {}, plan: DEFAULT_PLAN };

describe.each(ENGINES)('a number that is too large, with %s,', (engine) => {
  async function serverWithDevice(context: Parameters<typeof startTestServer>[1]) {
    const server = await startTestServer(engine, context, { offers: new AnyOffers(undefined) });
    const [device] = await joined(server.registry, 1);
    await device!.report(server.registry, [machineReport()]);
    return { server, device: device! };
  }

  it.for([
    ...[2 ** 31, 2 ** 53, 1e300].map((shadow) => [`shadow ${shadow}`, { shadow }] as const),
    ...[1e9, 1e300].map((shadowDays) => [`shadowDays ${shadowDays}`, { shadowDays }] as const),
    ...[1e9, 1e300].map((waveHours) => [`waveHours ${waveHours}`, { waveHours }] as const),
    ['2000 waves', { waves: Array.from({ length: 2000 }, (_, k) => (k + 1) / 2000) }],
  ] as const)('in a plan is refused: %s', async ([, change], context) => {
    const { server } = await serverWithDevice(context);
    const request = { ...REQUEST, plan: { ...DEFAULT_PLAN, ...change } };
    const response = await server.ask('release', 'POST', '/v1/rollouts', request);
    expect([response.status, await response.json()]).toEqual([
      422,
      { error: expect.stringMatching(/^plan, \w+: is .+; expected .+$/) },
    ]);
    expect(server.warnings).toEqual([]);
  });

  it('in a plan may be as large as is said', async (context) => {
    const { server, device } = await serverWithDevice(context);
    const largest = { shadow: 1_000_000, shadowDays: 3650, waveHours: 8760 };
    const { id } = await server.done('POST', '/v1/rollouts', {
      ...REQUEST,
      plan: { ...DEFAULT_PLAN, ...largest },
    });
    await device.report(server.registry, [machineReport()]);
    const work = new RolloutWork(server.database);
    await server.database.queries.transaction().execute((changes) => work.step(id, changes));
    expect(await server.done('GET', `/v1/rollouts/${id}`)).toMatchObject({ machines: 1, phase: 'shadow' });
  });

  it('in the name of a page of a list is refused, or answered with an empty page', async (context) => {
    const { server } = await serverWithDevice(context);
    const { id } = await server.done('POST', '/v1/rollouts', REQUEST);
    const lists = [`/v1/rollouts/${id}/machines`, '/v1/history', '/v1/rollouts', '/v1/devices', '/v1/groups?by=x'];
    for (const list of lists)
      for (const key of [[2 ** 31], [2 ** 53 - 1], [-(2 ** 53 - 1)], [2 ** 53], [2 ** 40, 'x'], [1e300], [0.5]]) {
        const after = Buffer.from(JSON.stringify(key)).toString('base64url');
        const { status } = await server.ask('look', 'GET', `${list}${list.includes('?') ? '&' : '?'}after=${after}`);
        expect([200, 400], `${list} ${key}`).toContain(status);
      }
    expect(server.warnings).toEqual([]);
  });

  it('in a report is refused, and the largest one is kept', async (context) => {
    const { server, device } = await serverWithDevice(context);
    const most = 2 ** 53 - 1;
    const counts = { readings: most, lessons: most, alarms: most, accuracy: { right: most, of: most } };
    const way = { compared: most, differed: most, labelled: most, gained: most, lost: most, ended: null };
    const trial = { sha256: sha('b'), ways: [{ carrying: 'carry' as const, ...way }] };
    const { id } = await server.done('POST', '/v1/rollouts', REQUEST);
    await device.report(server.registry, [machineReport({ ...counts, trial, candidate: sha('b'), state: 'shadow' })]);
    const work = new RolloutWork(server.database);
    await server.database.queries.transaction().execute((changes) => work.step(id, changes));
    const { machines } = await server.done('GET', `/v1/devices/${device.id}`);
    expect(machines[0]).toMatchObject(counts);
    expect(await server.done('GET', `/v1/rollouts/${id}`)).toMatchObject({ counts: { compared: 1e9 } });
    expect(server.warnings).toEqual([]);
  });
});
