import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { type FileSystem, nodeFileSystem, systemCode, unless } from './file-system.ts';
import { machineProcessTable, type ProcessIdentity, type ProcessTable } from './process-table.ts';

/*
 * Node has no flock(2), and a lock file that is removed and made anew cannot be broken without a race: between "its
 * holder is dead" and "remove it" another process may have done both and taken the lock. So lock files are numbered and
 * the highest number is the lock:
 *
 *   - to take the lock, the highest one, n, must be released (empty) or its holder dead; then make n+1, which only one
 *     process can, complete with its content, by a hard link to a claim written beforehand;
 *   - to release it, empty it. The highest file is never removed; its holder removes the lower ones.
 *
 * A process that looked at an old n and was slow may succeed in making an n+1 that had been removed; it then finds a
 * higher number, and withdraws. No process that found a living holder ever makes a file.
 */
const LOCK_NAME = /^lock\.([1-9]\d{0,11})$/;
/** Openings never come near it; a file with a number above it is no lock, and none takes part in what is said above. */
const HIGHEST_GENERATION = 10 ** 12 - 1;
const CLAIM_NAME = /^lock\.claim\./;
const MAXIMUM_LOCK_BYTES = 4096;
const ATTEMPTS = 32;

/** Another process, or another part of this one, holds the folder. */
export class FolderInUseError extends SpikewireError {
  readonly who: string;
  readonly pid: number;

  constructor(folder: string, who: string, pid: number, expected = 'another folder, or that process stopped first') {
    super('store', `store ${folder}`, `in use by ${who}, pid ${pid}`, expected);
    this.who = who;
    this.pid = pid;
  }
}

/** Holds a folder for one process until it is released or the process ends. */
export class Lock {
  readonly #folder: string;
  readonly #fileSystem: FileSystem;
  readonly #identity: ProcessIdentity;
  readonly #path: string;

  private constructor(folder: string, fileSystem: FileSystem, identity: ProcessIdentity, generation: number) {
    this.#folder = folder;
    this.#fileSystem = fileSystem;
    this.#identity = identity;
    this.#path = join(folder, `lock.${generation}`);
  }

  /** @throws FolderInUseError that names the process holding the folder. */
  static async take(folder: string, fileSystem: FileSystem, processes: ProcessTable): Promise<Lock> {
    const identity = await processes.identify();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const generation = await freeGeneration(folder, fileSystem, processes, identity);
      if (generation === undefined) continue;
      const lock = new Lock(folder, fileSystem, identity, generation);
      if (await lock.#claim()) return lock;
    }
    throw new SpikewireError(
      'store',
      `store ${folder}`,
      'other processes keep taking the lock',
      'one process per folder',
    );
  }

  /** @throws FolderInUseError if a process holds the folder. */
  static async expectFree(folder: string, fileSystem: FileSystem, processes: ProcessTable): Promise<void> {
    await freeGeneration(folder, fileSystem, processes, await processes.identify());
  }

  /** @throws SpikewireError `store` if the lock has been taken over, as by a container that cannot see this process. */
  async verify(): Promise<void> {
    const holder = await readHolder(this.#path, this.#fileSystem);
    if (holder === 'gone' || holder?.token !== this.#identity.token) {
      const problem = 'the lock is lost: another process took it over, or the folder was removed';
      throw new SpikewireError('store', `store ${this.#folder}`, problem, 'one process per folder');
    }
  }

  async release(): Promise<void> {
    await this.verify();
    await this.#fileSystem.truncate(this.#path);
  }

  /** Makes the lock file; false if another process was faster. */
  async #claim(): Promise<boolean> {
    const claim = join(this.#folder, `lock.claim.${this.#identity.token}`);
    try {
      await this.#writeClaim(claim);
      await this.#fileSystem.link(claim, this.#path);
    } catch (failure) {
      const code = systemCode(failure);
      if (code !== 'EEXIST' && code !== 'ENOENT') throw failure; // ENOENT: the holder swept the claim away
      return false;
    } finally {
      await this.#fileSystem.remove(claim).catch(() => undefined); // a claim left behind is swept by the next holder
    }
    return this.#settle();
  }

  async #writeClaim(path: string): Promise<void> {
    const file = await this.#fileSystem.create(path);
    try {
      await file.write(new TextEncoder().encode(`${JSON.stringify(this.#identity)}\n`));
    } finally {
      await file.close();
    }
  }

  /** With the lock file made: withdraws if it is not the highest, else sweeps away what earlier holders left. */
  async #settle(): Promise<boolean> {
    try {
      const names = await this.#fileSystem.list(this.#folder);
      const isHighest = join(this.#folder, `lock.${highestGeneration(names)}`) === this.#path;
      if (isHighest) await this.#sweep(names);
      else await unless('ENOENT', this.#fileSystem.remove(this.#path));
      return isHighest;
    } catch (failure) {
      await this.#fileSystem.truncate(this.#path).catch(() => undefined); // else this process would lock itself out
      throw failure;
    }
  }

  async #sweep(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const path = join(this.#folder, name);
      const isOld = (LOCK_NAME.test(name) && path !== this.#path) || CLAIM_NAME.test(name);
      if (isOld) await this.#fileSystem.remove(path).catch(() => undefined); // what cannot be removed is in nobody's way
    }
  }
}

/** The error that says which process holds a folder; undefined where none does, or there is no such folder. */
export async function holderOf(folder: string): Promise<FolderInUseError | undefined> {
  try {
    await Lock.expectFree(folder, nodeFileSystem, machineProcessTable());
    return undefined;
  } catch (failure) {
    if (failure instanceof FolderInUseError) return failure;
    if (systemCode(failure) === 'ENOENT') return undefined;
    throw failure;
  }
}

/** The number of the next lock file, or undefined if the folder changed while it was looked at. */
async function freeGeneration(
  folder: string,
  fileSystem: FileSystem,
  processes: ProcessTable,
  self: ProcessIdentity,
): Promise<number | undefined> {
  const highest = highestGeneration(await fileSystem.list(folder));
  if (highest === 0) return 1;
  if (highest === HIGHEST_GENERATION) {
    throw new SpikewireError(
      'store',
      `store ${folder}`,
      `has a lock.${highest}, the highest number`,
      'this file to be deleted',
    );
  }
  const holder = await readHolder(join(folder, `lock.${highest}`), fileSystem);
  if (holder === 'gone') return undefined;
  if (holder !== undefined && (await processes.isRunning(holder))) {
    const who = holder.pid === self.pid ? 'this process' : 'a running process';
    throw new FolderInUseError(folder, who, holder.pid);
  }
  return highest + 1;
}

function highestGeneration(names: readonly string[]): number {
  return names.reduce((highest, name) => Math.max(highest, Number(LOCK_NAME.exec(name)?.[1] ?? 0)), 0);
}

/**
 * Who holds a lock file; undefined if it is released, or unreadable: a lock file appears complete, so only a machine
 * that went down can leave it otherwise, and its holder went down with it.
 */
async function readHolder(path: string, fileSystem: FileSystem): Promise<ProcessIdentity | 'gone' | undefined> {
  try {
    const content = await fileSystem.read(path, MAXIMUM_LOCK_BYTES);
    return parseIdentity(new TextDecoder().decode(content));
  } catch (failure) {
    const code = systemCode(failure);
    if (code === 'EFBIG' || code === 'EFTYPE') return undefined;
    if (code === 'ENOENT') return 'gone';
    throw failure;
  }
}

function parseIdentity(json: string): ProcessIdentity | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, token, startTime, bootId } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(pid) || (pid as number) < 1 || typeof token !== 'string') return undefined;
  return {
    pid: pid as number,
    token,
    ...(typeof startTime === 'string' ? { startTime } : {}),
    ...(typeof bootId === 'string' ? { bootId } : {}),
  };
}
