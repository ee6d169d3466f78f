import { createHash, type Hash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { megabytes, SpikewireError } from '@spikewire/models';
import { type FileSystem, nodeFileSystem, storeFailure, systemCode, unless } from '../../store/file-system.ts';
import { makeFolder } from '../../store/make-folder.ts';
import type { Target } from './metadata.ts';
import type { RepositorySource } from './source.ts';

export interface DownloadOptions {
  readonly source: RepositorySource;
  readonly target: Target;
  /** Where the file is put, under its hash; made where it is missing. */
  readonly folder: string;
  /** At most so many bytes a second; no limit where absent. */
  readonly rate?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, of: number) => void;
  readonly fileSystem?: FileSystem;
  /** Free bytes of the file system that holds a folder. */
  readonly freeSpace?: (folder: string) => Promise<number>;
}

/** Milliseconds; a longer timer would end at once. */
const LONGEST_PAUSE = 2 ** 31 - 1;

/** Left free beside a download: states must be saved meanwhile. */
const RESERVE_BYTES = 1 << 22;

/**
 * Fetches a target, whose length and hash were signed, and goes on where an earlier download has stopped. Returns the
 * path of the whole file, `<folder>/<sha256>`. Rejects with `store` where there is no room for it, before anything is
 * fetched; with `link` where the source ends early, after which the next call goes on; with `access` where the bytes
 * are not those that were signed, which are then removed. A damaged beginning of an earlier download is fetched again.
 */
export async function download(options: DownloadOptions): Promise<string> {
  const { folder, target, fileSystem = nodeFileSystem } = options;
  const path = join(folder, target.sha256);
  const part = `${path}.part`;
  try {
    await makeFolder(folder, fileSystem);
    if (await has(path, fileSystem)) return path;
    const kept = await readPart(part, target, fileSystem);
    await refuseWithoutSpace(options, target.length - kept.length);
    await fetchRest(options, part, kept).catch(async (failure: unknown) => {
      const isDamaged = failure instanceof SpikewireError && failure.code === 'access' && kept.length > 0;
      if (!isDamaged) throw failure;
      // A power cut may have torn what an earlier download left.
      await fetchRest(options, part, await readPart(part, target, fileSystem));
    });
    await fileSystem.rename(part, path);
    await fileSystem.syncFolder(folder);
    return path;
  } catch (failure) {
    options.signal?.throwIfAborted();
    throw storeFailure(path, 'write it', failure);
  }
}

/** The name of a target's file in a repository with consistent snapshots: its hash stands before its last part. */
export function pathOfTarget({ name, sha256 }: Pick<Target, 'name' | 'sha256'>): string {
  const folder = dirname(name);
  const file = `${sha256}.${name.slice(name.lastIndexOf('/') + 1)}`;
  return folder === '.' ? `targets/${file}` : `targets/${folder}/${file}`;
}

async function has(path: string, fileSystem: FileSystem): Promise<boolean> {
  const found = await fileSystem.stat(path).catch((failure: unknown) => {
    if (systemCode(failure) !== 'ENOENT') throw failure;
  });
  return found !== undefined;
}

/** What an earlier download has left; a damaged one shows at the end, by the hash, and is then removed. */
async function readPart(part: string, target: Target, fileSystem: FileSystem): Promise<Uint8Array> {
  try {
    return await fileSystem.read(part, target.length);
  } catch (failure) {
    if (systemCode(failure) !== 'ENOENT') await unless('ENOENT', fileSystem.remove(part));
  }
  await (await fileSystem.create(part)).close();
  return new Uint8Array();
}

async function refuseWithoutSpace({ folder, freeSpace = freeBytes }: DownloadOptions, needed: number): Promise<void> {
  const free = await freeSpace(folder);
  if (free >= needed + RESERVE_BYTES) return;
  const [has, wants] = [megabytes(free), megabytes(needed + RESERVE_BYTES)];
  throw new SpikewireError('store', folder, `has ${has} MB free for a download`, `${wants} MB`);
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function fetchRest(options: DownloadOptions, part: string, kept: Uint8Array): Promise<void> {
  const { target, fileSystem = nodeFileSystem } = options;
  const hash = createHash('sha256').update(kept);
  const file = await fileSystem.append(part);
  let length = kept.length;
  try {
    if (length < target.length) length = await copy(options, file, hash, length);
    await file.syncData();
  } finally {
    await file.close();
  }
  const where = `${options.source.where}: ${target.name}`;
  if (length < target.length) {
    throw new SpikewireError('link', where, `ends after ${length} bytes`, `${target.length}, as is signed`);
  }
  const digest = hash.digest('hex');
  if (length === target.length && digest === target.sha256) return;
  await unless('ENOENT', fileSystem.remove(part));
  if (length > target.length)
    throw new SpikewireError('access', where, 'is too long', `${target.length} bytes, as is signed`);
  throw new SpikewireError('access', where, `has the SHA-256 ${digest}`, target.sha256);
}

/** Returns the length of the whole, at most one byte more than is signed. */
async function copy(
  { source, target, rate, signal, onProgress }: DownloadOptions,
  file: { write(bytes: Uint8Array): Promise<void> },
  hash: Hash,
  from: number,
): Promise<number> {
  const start = performance.now();
  let length = from;
  for await (const bytes of source.stream(pathOfTarget(target), from, signal)) {
    const part = bytes.subarray(0, target.length + 1 - length);
    await file.write(part);
    hash.update(part);
    length += part.length;
    onProgress?.(length, target.length);
    if (length > target.length) break;
    const due = rate === undefined ? 0 : (1000 * (length - from)) / rate - (performance.now() - start);
    if (due > 0) await pause(Math.min(due, LONGEST_PAUSE), undefined, { signal });
  }
  return length;
}
