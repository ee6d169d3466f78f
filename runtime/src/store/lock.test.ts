import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from './file-system.ts';
import { Lock } from './lock.ts';
import type { ProcessTable } from './process-table.ts';

describe('the lock of a folder', () => {
  let folder: string;
  const running = new Set<number>();
  const take = (pid: number) => Lock.take(folder, nodeFileSystem, tableOf(pid));
  const tableOf = (pid: number): ProcessTable => ({
    identify: async () => ({ pid, token: `token of ${pid}` }),
    isRunning: async (identity) => running.has(identity.pid),
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spikewire-lock-'));
    running.clear();
    running.add(1).add(2);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is refused, by the name of its holder, until that releases it', async () => {
    const lock = await take(1);
    const expected = 'another folder, or that process stopped first';
    const line = `store ${folder}: in use by a running process, pid 1; expected ${expected}`;
    await expect(take(2)).rejects.toMatchObject({ code: 'store', message: line });
    await expect(take(1)).rejects.toThrow('in use by this process, pid 1');
    await lock.release();
    await (await take(2)).verify();
  });

  it('is taken from a process that is gone, and leaves one file', async () => {
    const lost = await take(1);
    running.delete(1);
    await (await take(2)).verify();
    expect(await readdir(folder)).toEqual(['lock.2']);
    await expect(lost.verify()).rejects.toThrow('the lock is lost');
    await expect(lost.release()).rejects.toThrow('the lock is lost');
    expect(await readFile(join(folder, 'lock.2'), 'utf8')).toContain('token of 2');
  });

  it.each([
    ['nothing', ''],
    ['zeros', '\0'.repeat(80)],
    ['half a line', '{"pid":1,"tok'],
    ['another kind of value', '[1]'],
    ['no process number', '{"pid":-1,"token":"x"}'],
    ['more than a lock holds', 'x'.repeat(100_000)],
  ])('is taken when a power failure left %s in it', async (_, content) => {
    await writeFile(join(folder, 'lock.7'), content);
    await take(2);
    expect(await readdir(folder)).toEqual(['lock.8']);
  });

  it('sweeps away what a killed process was about to claim', async () => {
    await writeFile(join(folder, 'lock.claim.token of 9'), '');
    await writeFile(join(folder, 'lock.3'), '');
    await take(2);
    expect(await readdir(folder)).toEqual(['lock.4']);
  });

  it('is not held after the claim failed', async () => {
    const failing = { ...nodeFileSystem, list: failAtSecondCall(nodeFileSystem.list) };
    await expect(Lock.take(folder, failing, tableOf(1))).rejects.toThrow('second call');
    await (await take(2)).verify();
  });
});

function failAtSecondCall<T>(operation: (path: string) => Promise<T>): (path: string) => Promise<T> {
  let calls = 0;
  return (path) => (++calls === 2 ? Promise.reject(new Error('second call')) : operation(path));
}
