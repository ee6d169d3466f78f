import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFields } from '../field.ts';
import { reply } from './infer.ts';
import { Monitor } from './monitor.ts';
import { Nets } from './nets.ts';
import { netFields, netSettings } from './settings.ts';

let folder: string;
let nets: Nets;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-monitor-'));
  const stored = { model: 'level (m), flow', modelType: 'channels', warmUp: '10', per: 'topic', worker: false };
  nets = new Nets(netSettings(readFields(stored, netFields), 'net', folder), { warn: () => {} });
});

afterEach(async () => {
  await nets.close();
  await rm(folder, { recursive: true });
});

async function feed(count: number, topic = 'a'): Promise<void> {
  for (let k = 0; k < count; k++) await reply(nets, { payload: [Math.sin(k), k % 3], topic }, async () => undefined);
}

const isObserved = (topic: string) =>
  nets.look(({ pool }) => pool.use(topic, async ({ session }) => session.observed)).then((observed) => observed);

describe('a monitor', () => {
  it('gives the readings of a net since it was asked for, each once', async () => {
    const monitor = new Monitor();
    expect(await monitor.look('net', nets, undefined, 0)).toMatchObject({ nets: [], frames: [] });
    await feed(12);
    const first = await monitor.look('net', nets, undefined, 0);
    expect(first).toMatchObject({ nets: ['a'], net: 'a', channels: ['level (m)', 'flow'], frames: [] });
    await feed(15);
    const { frames, neurons, windowSteps } = await monitor.look('net', nets, 'a', 0);
    expect(frames.map(({ seq }) => seq)).toEqual(Array.from({ length: 15 }, (_, k) => 13 + k));
    expect(frames[2]!.values).toEqual([Math.sin(2), 2]);
    const last = frames.at(-1)!;
    expect(last.spikes).toBeGreaterThan(0);
    expect(last.raster.length).toBeGreaterThan(0);
    for (const [step, neuron] of last.raster) {
      expect(step).toBeLessThan(windowSteps);
      expect(neuron).toBeLessThan(neurons);
    }
    expect((await monitor.look('net', nets, 'a', last.seq)).frames).toEqual([]);
  });

  it('opens no nets, whose model the first reading may have to say', async () => {
    const make = () => Promise.reject(new Error('opened'));
    const unopened = new Nets({ ...nets.settings, model: { kind: 'made', make } }, { warn: () => {} });
    expect(await new Monitor().look('net', unopened, undefined, 0)).toMatchObject({ nets: [], frames: [] });
    await unopened.close();
  });

  it('keeps a bounded number, and nothing of a net that nobody asks for', async () => {
    let now = 0;
    const monitor = new Monitor(() => now);
    await feed(1);
    await monitor.look('net', nets, 'a', 0);
    await feed(150);
    const { frames } = await monitor.look('net', nets, 'a', 0);
    expect(frames).toHaveLength(120);
    expect(frames.at(-1)!.seq).toBe(151);
    expect(Math.max(...frames.map(({ raster }) => raster.length))).toBeLessThanOrEqual(300);
    expect(await isObserved('a')).toBe(true);
    now = 4000;
    monitor.endUnasked();
    expect(monitor.size).toBe(1);
    now = 6000;
    monitor.endUnasked();
    expect(monitor.size).toBe(0);
    await expect.poll(() => isObserved('a')).toBe(false);
  });

  it('looks at so many nets at most, and at those of a flow that was deployed anew', async () => {
    const monitor = new Monitor();
    for (let k = 0; k < 10; k++) {
      await feed(1, `net ${k}`);
      await monitor.look('net', nets, `net ${k}`, 0);
    }
    expect(monitor.size).toBe(8);
    await expect.poll(() => isObserved('net 0')).toBe(false);
    const before = nets;
    await before.close();
    nets = new Nets(before.settings, { warn: () => {} });
    await feed(1, 'net 9');
    await monitor.look('net', nets, 'net 9', 0);
    await feed(2, 'net 9');
    expect((await monitor.look('net', nets, 'net 9', 0)).frames).toHaveLength(2);
  });

  it('shows the channels of a model that took the place of another', async () => {
    const monitor = new Monitor();
    await feed(2);
    expect(await monitor.look('net', nets, 'a', 0)).toMatchObject({ channels: ['level (m)', 'flow'] });
    const channels = [{ name: 'noise', unit: 'dB' }];
    await nets.replaceModel({ kind: 'next-reading', channels, rangeWarmUp: 10 });
    await reply(nets, { payload: [3], topic: 'a' }, async () => undefined);
    expect(await monitor.look('net', nets, 'a', 0)).toMatchObject({ channels: ['noise (dB)'] });
    expect(monitor.size).toBe(1);
  });
});
