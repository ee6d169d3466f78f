import { expect, it } from 'vitest';
import { joined } from '../../devices/test-device.test-data.ts';
import { Live } from '../../live/live.ts';
import type { BrokerMessage } from '../../live/live-broker.ts';
import { startTestServer } from '../test-server.test-data.ts';

function newLive() {
  const followed = new Map<string, (message: BrokerMessage) => void>();
  const broker = {
    follow(device: string, take: (message: BrokerMessage) => void) {
      followed.set(device, take);
      return { look() {}, close: async () => void followed.delete(device) };
    },
  };
  return { followed, live: new Live(broker, { taken: 0, dropped: 0, devices: 0 }) };
}

it('tells what machines of a device say, for as long as somebody looks', async (context) => {
  const { followed, live } = newLive();
  const server = await startTestServer('postgres', context, { live });
  const [device] = await joined(server.registry, 1);
  const response = await server.ask('look', 'GET', `/v1/devices/${device!.id}/live`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/event-stream'),
  ]);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value!;
  const topic = `spikewire/fleet/${device!.id}/live/pump`;
  const payload = Buffer.from('{"readings": 7, "answer": "</script>\\n\\ndata: x"}');
  followed.get(device!.id)!({ topic, payload, retain: false });
  while (!text.includes('data:')) text += (await reader.read()).value;
  expect(JSON.parse(/data: (.*)\n\n/.exec(text)![1]!)).toEqual({
    machines: [{ machine: 'pump', readings: 7, answer: '</script>\n\ndata: x' }],
  });
  await reader.cancel();
  await expect.poll(() => followed.size).toBe(0);
});

it('counts with other streams, follows no device that is unknown, and none without a broker', async (context) => {
  const { followed, live } = newLive();
  const server = await startTestServer('postgres', context, { live });
  const [device] = await joined(server.registry, 1);
  const ask = (id: string) => server.ask('look', 'GET', `/v1/devices/${id}/live`);
  for (const id of ['nobody', '+', '%2B', '%23', device!.id.toUpperCase()]) expect((await ask(id)).status).toBe(404);
  const open = await Promise.all(
    Array.from({ length: 64 }, (_, k) => (k % 2 === 0 ? ask(device!.id) : server.ask('look', 'GET', '/v1/changes'))),
  );
  expect(followed.size).toBe(1);
  const refused = await ask(device!.id);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
  await Promise.all(open.map(({ body }) => body!.cancel()));
  await expect.poll(() => followed.size).toBe(0);

  const without = await startTestServer('postgres', context);
  const [other] = await joined(without.registry, 1);
  const answer = await without.ask('look', 'GET', `/v1/devices/${other!.id}/live`);
  expect([answer.status, await answer.json()]).toEqual([
    404,
    { error: 'this controller has no broker for live values; expected fleet serve --mqtt' },
  ]);
});

it('ends for a person who is removed', { timeout: 30_000 }, async (context) => {
  const { followed, live } = newLive();
  const server = await startTestServer('postgres', context, { live });
  const [device] = await joined(server.registry, 1);
  const response = await server.ask('look', 'GET', `/v1/devices/${device!.id}/live`);
  const { id } = (await server.people.list()).find(({ role }) => role === 'look')!;
  await server.done('DELETE', `/v1/people/${id}`);
  await response.text(); // within 15 s
  expect(followed.size).toBe(0);
});
