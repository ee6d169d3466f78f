import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Nets } from '../nets/nets.ts';
import { AnomalyNets, type AnomalySettings } from './anomaly-nets.ts';

let directory = '';
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Nets that do nothing but fail to save when they are closed. */
const onFullDisk = () => ({ keyOf: () => '', close: () => Promise.reject(new Error('disk full')) }) as unknown as Nets;

it('forgets the channels of nets that could not be closed, says so, and goes on with the next message', async () => {
  directory = await mkdtemp(join(tmpdir(), 'anomaly-nets-'));
  const alarms = { sensitivity: 6, holdOff: undefined, inRow: 1 };
  const settings = { directory, per: 'flow', form: {}, channels: undefined, alarms } as unknown as AnomalySettings;
  const made: Nets[] = [];
  const make = () => made[made.push(onFullDisk()) - 1]!;
  const nets = new AnomalyNets(settings, make, () => {});
  expect(await nets.netsFor({ payload: { a: 1 } })).toBe(made[0]);
  await expect(nets.forget()).rejects.toThrow('disk full');
  expect(await nets.knowsChannels()).toBe(false);
  expect(await nets.netsFor({ payload: { b: 1 } })).toBe(made[1]);
});
