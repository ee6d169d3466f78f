import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { expect, it } from 'vitest';
import { startFlow } from '../../demo/src/node-red/start.ts';
import { startAedes } from './aedes.ts';
import { freePort } from './mosquitto.ts';

/** As a URL has it, and as a broker gets it. */
const ENCODED = 'p%40ss%20%24%7BPATH%7D';
const PASSWORD = decodeURIComponent(ENCODED);

it('the sensor demo runs as a flow, on a broker that asks for a password, and goes on when it is started again', async () => {
  const userDir = await mkdtemp(join(tmpdir(), 'spikewire-node-red-'));
  const broker = await startAedes();
  broker.aedes().authenticate = (_client, user, password, done) =>
    done(null, user === 'plant' && password?.toString() === PASSWORD);
  const mqtt = `mqtt://plant:${ENCODED}@127.0.0.1:${broker.port}`;
  const random = new RandomGenerator(1, 'motes');
  const motes = await MqttLink.connect(mqtt, {
    clientId: 'motes',
    random: () => random.nextUniform(),
    subscriptions: [],
  });
  const predictions: { topic: string; seq: number; result: unknown }[] = [];
  await motes.subscribe('motes/+/prediction', ({ topic, payload }) => {
    predictions.push({ topic, ...JSON.parse(Buffer.from(payload).toString()) });
  });
  for (const life of [0, 1]) {
    const demo = await startFlow({ mqtt, userDir, port: await freePort() });
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
  for (const entry of await readdir(userDir, { withFileTypes: true })) {
    if (entry.isFile()) expect(await readFile(join(userDir, entry.name), 'utf8')).not.toContain('p@ss');
  }
  await motes.close();
  await broker.close();
  await rm(userDir, { recursive: true });
});
