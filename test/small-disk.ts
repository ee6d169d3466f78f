import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import type { TestContext } from 'vitest';
import { lacks } from './services.ts';

/** A real file system of a few kilobytes, which a test may fill and make read-only. */
export interface SmallDisk {
  readonly path: string;
  readOnly(isReadOnly: boolean): void;
  unmount(): void;
}

/** Mounts one, or ends the calling test where this user or this machine may not. */
export async function mountSmallDisk(context: TestContext, path: string, kilobytes: number): Promise<SmallDisk> {
  const disk = await tryMountSmallDisk(path, kilobytes);
  return disk ?? lacks(context, 'mount', 'mount, which this user may not do here');
}

/** Mounts one; undefined where this user or this machine may not. */
export async function tryMountSmallDisk(path: string, kilobytes: number): Promise<SmallDisk | undefined> {
  await mkdir(path, { recursive: true });
  if (process.platform !== 'linux' || !mount('-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'spikewire-test', path)) {
    return undefined;
  }
  return {
    path,
    readOnly(isReadOnly) {
      if (!mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path)) throw new Error(`cannot remount ${path}`);
    },
    unmount: () => void spawnSync('umount', ['-l', path]),
  };
}

function mount(...words: string[]): boolean {
  return spawnSync('mount', words, { stdio: 'ignore' }).status === 0;
}
