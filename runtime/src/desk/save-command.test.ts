import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NetPool } from '../session/pool/net-pool.ts';
import { Desk } from './desk.ts';

const channels = [{ name: 'level', unit: 'm' }];
const model = writeModel(nextReadingModel({ channels, neurons: 10, rangeWarmUp: 10, monitor: { warmUp: 10 } }));
/** Less than a save takes. */
const BYTES_PER_DAY = 2 ** 16;

let directory: string;
let pool: NetPool;
let desk: Desk;
/** Monotonic milliseconds. */
let time: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spikewire-desk-'));
  time = 0;
  const storeLimits = { bytesPerDay: BYTES_PER_DAY, now: () => 1.8e12 + time, monotonic: () => time };
  pool = new NetPool(model, inProcess(referenceEngine), { directory, storeLimits, saveEverySeconds: 1e9 });
  desk = new Desk(pool, { clock: () => time });
});

afterEach(async () => {
  desk.close();
  await pool.close().catch(() => {}); // the budget is spent: what was not saved is lost
  await rm(directory, { recursive: true });
});

describe('the command save', () => {
  it('is acknowledged at the rate of commands when the budget of the day is spent', async () => {
    await desk.feed('pump', { time: 0, values: Float64Array.of(1) });
    for (let k = 1; k <= 30; k++) {
      expect(await desk.command('pump', 'save')).toMatch(`saved as sequence ${k} `);
      time += 6000;
    }
    expect(pool.storeUse!.day.written).toBeGreaterThan(10 * BYTES_PER_DAY);
  });

  it('writes no more than 300 saves beyond the budget, however many nets are told to save at once', async () => {
    const nets = Array.from({ length: 40 }, (_, k) => `net${k}`);
    let saved = 0;
    const refusals = new Set<string>();
    for (const net of nets) {
      await desk.feed(net, { time: 0, values: Float64Array.of(1) });
      for (let k = 0; k < 15; k++) {
        await desk.command(net, 'save').then(
          () => saved++,
          ({ message }) => refusals.add(message.replace(/^.*: must wait \d+ s/, 'must wait').replace(/;.*/, '')),
        );
      }
    }
    expect(saved).toBe(301); // and the one that the budget itself allows
    expect([...refusals]).toEqual([
      expect.stringMatching('came too often'),
      `must wait, because at most ${BYTES_PER_DAY} bytes a day may be written`,
    ]);
    time += 24 * 3600e3;
    await expect(desk.command('net0', 'save')).resolves.toMatch('saved');
  });
});
