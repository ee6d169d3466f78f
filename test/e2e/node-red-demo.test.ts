import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { startNodeRedDemo } from '@spikewire/node-red-spikewire/demo';
import { MqttLink } from 'spikewire/stream';
import { expect, it } from 'vitest';
import { startAedes } from './aedes.ts';
import { freePort } from './node-red-process.ts';

it('the sensor demo runs as a flow, on the embedded broker, and goes on when it is started again', async () => {
  const userDir = await mkdtemp(join(tmpdir(), 'spikewire-node-red-'));
  const broker = await startAedes();
  const random = new RandomGenerator(1, 'motes');
  const motes = await MqttLink.connect(broker.url, {
    clientId: 'motes',
    random: () => random.nextUniform(),
    subscriptions: [],
  });
  const predictions: { topic: string; seq: number; result: unknown }[] = [];
  await motes.subscribe('motes/+/prediction', ({ topic, payload }) => {
    predictions.push({ topic, ...JSON.parse(Buffer.from(payload).toString()) });
  });
  for (const life of [0, 1]) {
    const demo = await startNodeRedDemo({ mqtt: broker.url, userDir, port: await freePort() });
    expect((await fetch(demo.url)).status).toBe(200);
    const known = predictions.length;
    await expect
      .poll(
        async () => {
          await motes.publish('motes/single-hop-1/reading', '{"t": 1, "values": {"temperature": 27, "humidity": 40}}');
          return predictions.length;
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBeGreaterThan(known + 1);
    expect(predictions.at(known)).toMatchObject({ topic: 'motes/single-hop-1/prediction', result: null });
    if (life === 1) expect(predictions.at(known)!.seq).toBeGreaterThan(known);
    await demo.close();
  }
  expect(await readdir(join(userDir, 'spikewire'))).toHaveLength(1);
  await motes.close();
  await broker.close();
  await rm(userDir, { recursive: true });
});
