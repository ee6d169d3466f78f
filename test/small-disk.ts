import { spawnSync } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { lacks } from './services.ts';

/** A real file system of a few kilobytes, which a test may fill and make read-only. */
export interface SmallDisk {
  readonly path: string;
  readOnly(isReadOnly: boolean): void;
  /** Leaves no room, until somebody else gives some back: then again. */
  fill(): Promise<void>;
  /** Gives back what `fill` took. */
  free(): Promise<void>;
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
  const filler = join(path, 'filler');
  return {
    path,
    readOnly(isReadOnly) {
      if (!mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path)) throw new Error(`cannot remount ${path}`);
    },
    async fill() {
      const file = await open(filler, 'a');
      const block = Buffer.alloc(4096);
      while (await file.write(block).then(Boolean, () => false));
      await file.close();
    },
    free: () => rm(filler),
    unmount: () => void spawnSync('umount', ['-l', path]),
  };
}

function mount(...words: string[]): boolean {
  return spawnSync('mount', words, { stdio: 'ignore' }).status === 0;
}
