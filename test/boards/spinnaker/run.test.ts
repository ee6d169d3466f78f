import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { readAedat } from 'spikewire';
import { expect, it } from 'vitest';
import { resultOf, runCommand, startCommand } from '../../e2e/command.ts';
import { startMosquitto } from '../../e2e/mosquitto.ts';
import { needs } from '../../services.ts';
import { startTwin } from './twin-process.ts';

const DATABASE = fileURLToPath(new URL('../../golden/data/spinnaker/database.sqlite3', import.meta.url));

it('readings over MQTT become spikes on a board, and its spikes answers', async (context) => {
  needs(context, 'mosquitto');
  needs(context, 'sqlite3');
  const broker = (await startMosquitto())!;
  const [folder, twin] = await Promise.all([mkdtemp(join(tmpdir(), 'spikewire-spinnaker-')), startTwin()]);
  context.onTestFinished(async () => {
    await Promise.all([twin.close(), broker.stop()]);
    await rm(folder, { recursive: true });
  });
  const { code, stderr } = await runCommand(['import', DATABASE, '--out', 'board.json'], folder);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/stands for the net on the board/)]);
  expect(await resultOf(['devices', '--test', `spinnaker:127.0.0.1:${twin.port}`], folder)).toMatchObject({
    findings: expect.arrayContaining(['memory: 1024 bytes hold what is written']),
  });
  const device = `spinnaker:127.0.0.1:${twin.port}?network=${DATABASE}&late=30`;
  const words = ['run', 'board.json', '--device', device, '--mqtt', broker.url, '--in', 'in/a', '--out', 'out/a'];
  const run = startCommand([...words, '--spikes', 'out on the board=aer:spikes.aedat'], folder);
  const client = await connectAsync(broker.url);
  context.onTestFinished(() => client.endAsync());
  const said: string[] = [];
  const answers: string[] = [];
  client.on('message', (topic, payload) => {
    if (topic === 'out/a') answers.push(payload.toString());
    else said.push(payload.toString());
  });
  await client.subscribeAsync('out/#');
  await expect.poll(() => said).toContain('ready');
  for (let k = 0; k < 3; k++) await client.publishAsync('in/a', '[1, 0, 0, 0]');
  await expect.poll(() => answers.length).toBe(3);
  run.process.kill('SIGTERM');
  expect(await run.ended).toBe(0);
  // One spike in each of 100 steps of three samples.
  const { injected, sentSpikes } = await twin.stats();
  expect(injected).toBe(300);
  expect(sentSpikes).toBeGreaterThan(0);
  const told = answers.map((answer) => (JSON.parse(answer) as { spikes: number }).spikes);
  expect(told.at(-1)).toBeGreaterThan(0);
  const events = readAedat(await readFile(join(folder, 'spikes.aedat')));
  expect(events.x).toHaveLength(told.reduce((sum, spikes) => sum + spikes, 0));
  expect(Math.max(...events.x)).toBeLessThan(300);
});
