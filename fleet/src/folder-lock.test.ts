import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { machineProcessTable, type ProcessTable } from 'spikewire/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderLock, type LockOptions } from './folder-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-folder-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const take = (options: LockOptions = {}) => FolderLock.take(folder, { patience: 0, ...options });
const machine = machineProcessTable();
/** Where the processes that hold locks are gone. */
const gone: ProcessTable = { ...machine, isRunning: async () => false };

/** A lock as another process has left it. */
async function leave(holder: string, minutesAgo = 0): Promise<void> {
  await mkdir(join(folder, '.lock'));
  const file = join(folder, '.lock', 'holder.json');
  await writeFile(file, holder);
  const time = Date.now() / 1000 - 60 * minutesAgo;
  await utimes(file, time, time);
}

it('is held by one of many at a time, and all get it', async () => {
  let holders = 0;
  const inside: number[] = [];
  const work = async () => {
    const lock = await take({ patience: 60_000 });
    inside.push(++holders);
    await delay(1);
    holders--;
    await lock.release();
  };
  await Promise.all(Array.from({ length: 12 }, work));
  expect(inside).toEqual(Array(12).fill(1));
  expect(await readdir(folder)).toEqual([]);
});

it('is refused, with its holder, to whoever waits in vain', async () => {
  const lock = await take();
  await expect(take()).rejects.toMatchObject({
    code: 'file',
    message: `${folder}: in use by a running process, pid ${process.pid}; expected its end`,
  });
  await lock.release();
  await (await take()).release();
});

it('is taken from a process that is gone, which does not release it afterwards', async () => {
  const lost = await take();
  const lock = await take({ processes: gone });
  await lost.release();
  await expect(take()).rejects.toThrow('in use by');
  await lock.release();
});

it('is not taken from its next holder by a process that was slow to find the former one gone', async () => {
  await take();
  let next: FolderLock | undefined;
  const slow: ProcessTable = {
    ...machine,
    isRunning: async (identity) => {
      if (next !== undefined) return machine.isRunning(identity);
      next = await take({ processes: gone });
      return false;
    },
  };
  await expect(take({ processes: slow })).rejects.toThrow('in use by');
  const [held] = (await readdir(folder)).filter((name) => name === '.lock');
  expect(held).toBe('.lock');
  await next!.release();
});

it.each([
  ['another machine', '{"pid":1,"token":"t","machine":"another"}'],
  ['a machine that lost its power', ''],
])('is left to %s for ten minutes', async (_, holder) => {
  await leave(holder, 9);
  await expect(take()).rejects.toThrow(/in use by another machine, or by this one before.*not touched for ten minutes/);
  await rm(join(folder, '.lock'), { recursive: true });
  await leave(holder, 11);
  const lock = await take();
  expect(await readFile(join(folder, '.lock', 'holder.json'), 'utf8')).toContain(`"pid":${process.pid}`);
  await lock.release();
});
