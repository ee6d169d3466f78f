import { expect, it } from 'vitest';
import { ENGINES } from '../../database/new-database.test-data.ts';
import { joined } from '../../devices/test-device.test-data.ts';
import { startTestServer, type TestServer } from '../test-server.test-data.ts';

/** Reads messages until one of them has changed what is wanted. */
async function changedAfter(server: TestServer, act: () => Promise<unknown>): Promise<readonly string[]> {
  const response = await server.ask('look', 'GET', '/v1/changes');
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value!;
  expect(text).toMatch(/^:/);
  await new Promise((resolve) => setTimeout(resolve, 1500)); // it has looked once
  await act();
  while (!text.includes('data:')) text += (await reader.read()).value;
  await reader.cancel();
  return JSON.parse(/data: (.*)\n\n/.exec(text)![1]!).changed;
}

it.for(ENGINES)(
  'tells, with %s, that a report has come, and that a person has done something',
  async (engine, context) => {
    const server = await startTestServer(engine, context);
    const [device] = await joined(server.registry, 1);
    expect(await changedAfter(server, () => device!.report(server.registry))).toEqual([
      'devices',
      'rollouts',
      'rounds',
    ]);
    const renamed = () => server.registry.rename(device!.id, 'pump', 'ann');
    expect(await changedAfter(server, renamed)).toEqual(['devices', 'rollouts', 'rounds', 'people', 'history']);
  },
);

it('serves 64 pages at a time, and the next one when one of them has gone', async (context) => {
  const server = await startTestServer('postgres', context);
  const open = await Promise.all(Array.from({ length: 64 }, () => server.ask('look', 'GET', '/v1/changes')));
  expect(open.map(({ status }) => status)).toEqual(Array(64).fill(200));
  const refused = await server.ask('look', 'GET', '/v1/changes');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
  await open[0]!.body!.cancel();
  await expect.poll(async () => (await server.ask('look', 'GET', '/v1/changes')).status).toBe(200);
  await Promise.all(open.slice(1).map(({ body }) => body!.cancel()));
});
