import { classifierModel, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { inProcess } from 'spikewire/executor';
import { NetPool } from 'spikewire/session';
import { expect, it } from 'vitest';
import { MemoryDisk } from './store-memory-disk.ts';

const model = writeModel(
  classifierModel({
    channels: [{ name: 'level', unit: 'm' }],
    labels: ['low', 'high'],
    standardise: { mean: 0, deviation: 1 },
    running: false,
    neurons: 20,
  }),
);

function poolOn(disk: MemoryDisk, boot: number): NetPool {
  const processes = {
    identify: async () => ({ pid: 100 + boot, bootId: `boot ${boot}`, token: `token ${boot}` }),
    isRunning: async () => false,
  };
  const storeLimits = { fileSystem: disk, processes, now: () => 1.8e12 + boot, monotonic: () => 0 };
  const source = inProcess(engineNamed('reference'));
  // Only lessons are a reason to save.
  return new NetPool(model, source, { directory: '/store', storeLimits, saveEverySeconds: 1e9 });
}

it('a lesson that was said to be saved is there after a power failure, on every disk that may be found', async () => {
  const disk = new MemoryDisk();
  const pool = poolOn(disk, 0);
  let survivors = 0;
  for (const [k, label] of ['low', 'high', 'low'].entries()) {
    const { saved } = await pool.use('pump', async (kept) => {
      await kept.feed({ time: k, values: Float64Array.of(k) });
      return kept.teach({ kind: 'label', label, time: undefined });
    });
    expect(await saved).toBe(true);
    for (const survivor of disk.survivors()) {
      survivors++;
      const after = poolOn(survivor, 1);
      const { labels, classes } = await after.use('pump', ({ session }) => session.taught!.figures);
      expect({ labels, classes }).toEqual({ labels: k + 1, classes: ['low', 'high'] });
      await after.close();
    }
  }
  expect(survivors).toBeGreaterThanOrEqual(3);
  await pool.close();
});
