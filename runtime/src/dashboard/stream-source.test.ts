import { nextReadingModel, writeModel } from '@spikewire/models';
import { beforeEach, describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/reference/reference.ts';
import { inProcess } from '../executor/in-process-source.ts';
import { Stream } from '../mqtt/stream.ts';
import { NetPool } from '../session/net-pool.ts';
import type { DashboardFrame } from './source.ts';
import { StreamSource } from './stream-source.ts';

const channels = [{ name: 'level', unit: 'm' }];
const NEURONS = 10;
const model = writeModel(nextReadingModel({ channels, neurons: NEURONS, rangeWarmUp: 10, monitor: { warmUp: 10 } }));

let stream: Stream;
let source: StreamSource;

beforeEach(() => {
  stream = new Stream(new NetPool(model, inProcess(referenceEngine), { capacity: 4 }), {
    routes: { in: 'a/+', out: 'b/+' },
  });
  stream.attach(undefined);
  source = new StreamSource(stream, { title: 'tanks', names: new Map([['north', 'north tank']]) });
});

async function feed(key: string, from: number, to: number) {
  const outcomes = [];
  for (let k = from; k < to; k++)
    outcomes.push(await stream.feed(key, { time: 1000 * k, values: Float64Array.of(Math.sin(k)) }));
  return outcomes;
}

describe('stream source', () => {
  it('gives whoever looks a frame per reading, with the spikes from the next reading on', async () => {
    await feed('north', 0, 30);
    const frames: DashboardFrame[] = [];
    const leave = source.watch('north', (frame) => frames.push(frame));
    const outcomes = await feed('north', 30, 33);
    leave();
    await feed('north', 33, 36);
    expect(frames.map(({ seq }) => seq)).toEqual([31, 32, 33]);
    for (const [k, frame] of frames.entries()) {
      const { values, expected, verdict, spikes, error } = outcomes[k]!;
      expect(frame).toMatchObject({
        input: [...values],
        prediction: [...expected!],
        score: verdict!.score,
        spikes,
        learningError: error,
        limit: 6,
        engine: 'reference',
      });
    }
    expect(frames[0]!.raster.steps).toEqual([]);
    const { raster, spikes, rate } = frames[2]!;
    expect(raster.steps).toHaveLength(spikes);
    expect(Math.max(...raster.neurons)).toBeLessThan(NEURONS);
    // 50 steps of 1 ms.
    expect(rate).toBeCloseTo(spikes / NEURONS / 0.05, 9);
  });

  it('shows the engine no raster while nobody looks', async () => {
    const leave = source.watch('north', () => {});
    expect((await feed('north', 0, 30)).at(-1)!.window!.raster).toBeDefined();
    leave();
    expect((await feed('north', 30, 33)).at(-1)!.window!.raster).toBeUndefined();
  });

  it('remembers the newest 300 readings for those who come later', async () => {
    const outcomes = await feed('north', 0, 310);
    const recent = source.recent('north');
    expect(recent.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, k) => k + 11));
    for (const [k, frame] of recent.entries()) {
      const { time, values, expected, verdict, warmUp } = outcomes[k + 10]!;
      expect(frame).toMatchObject({ time, actual: [...values], prediction: expected ? [...expected] : null });
      expect(frame).toMatchObject({ score: verdict?.score ?? Number.NaN, anomaly: verdict?.anomaly ?? false });
      expect(frame.warmUp).toEqual({ done: warmUp.done >= warmUp.of, readings: warmUp.done, of: 20 });
    }
    expect(source.recent('nobody')).toEqual([]);
  });

  it('remembers a bounded number of nets, those with the newest readings', async () => {
    for (let net = 0; net < 300; net++) await feed(`net-${net}`, 0, 1);
    const known = source.describe().nets.map(({ id }) => id);
    expect(known).toHaveLength(1 + 256);
    expect(known).toContain('north');
    expect(known).toContain('net-299');
    expect(known).not.toContain('net-43');
    expect(source.states()).toHaveLength(256);
  });

  it('carries commands and settings out and shows them', async () => {
    await feed('north', 0, 25);
    expect(source.describe().nets[0]).toMatchObject({ id: 'north', name: 'north tank', neurons: NEURONS, channels });
    expect(await source.command('north', 'settings', { sensitivity: 9 })).toBe('sensitivity 9, hold-off 60 readings');
    expect(source.describe().nets[0]!.settings).toEqual([
      expect.objectContaining({ id: 'sensitivity', value: 9 }),
      expect.objectContaining({ id: 'holdOff', value: 60 }),
    ]);
    expect(await source.command('north', 'freeze')).toBe('learning is off');
    await feed('north', 25, 26);
    expect(source.states()).toEqual([
      expect.objectContaining({ net: 'north', learning: false, warm: true, readings: 26 }),
    ]);
    for (const [sensitivity, muted, from] of [
      [1, false, 26],
      [1e9, true, 27],
    ] as const) {
      await source.command('north', 'settings', { sensitivity });
      expect([sensitivity, source.states()[0]!.muted]).toEqual([sensitivity, muted]);
      await feed('north', from, from + 1);
      expect([sensitivity, source.states()[0]!.muted]).toEqual([sensitivity, muted]);
    }
    await expect(source.command('north', 'settings', { sensitivity: -1 })).rejects.toThrow('sensitivity: is -1');
  });
});
