import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import { machineProcessTable, type ProcessIdentity, type ProcessTable } from 'spikewire/store';

/*
 * A lock for folders on any medium and of several machines, such as a USB stick with FAT, which has no hard links, or a
 * NAS. The lock is a folder `.lock` that holds a file, and only renaming makes or removes it:
 *
 *   - to take it, make a folder with another name, complete with its file, and rename it: that fails where there is a
 *     folder `.lock` with something in it;
 *   - to release it, rename it back;
 *   - to take it from a holder that is gone, rename it to a name that has the holder's token. That name stays taken for
 *     an hour, so a process that was slow cannot do the same to whoever has taken the lock since.
 */
const NAME = '.lock';
const HOLDER = 'holder.json';
const GONE = '.gone';
/** A holder on another machine cannot be asked; no publication takes as long. */
const LONGEST_HELD_MS = 10 * 60_000;
const KEPT_MS = 60 * 60_000;
const LOOK_MS = 100;
/** What renaming to a folder that holds something is refused with; on Windows, `EPERM`. */
const TAKEN = ['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOTDIR', 'EACCES'];

interface Holder extends ProcessIdentity {
  /** Which machine, and which of its boots. */
  readonly machine: string;
}

interface Held extends Holder {
  /** Milliseconds since 1970, by the clock of the medium. */
  readonly since: number;
}

export interface LockOptions {
  /** Milliseconds for which to wait for another holder. Default: half a minute. */
  readonly patience?: number;
  readonly processes?: ProcessTable;
}

/** Holds a folder for one process until it is released or the process ends. */
export class FolderLock {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** Waits until nobody else holds the folder. Rejects with `file` where that takes too long. */
  static async take(
    folder: string,
    { patience = 30_000, processes = machineProcessTable() }: LockOptions = {},
  ): Promise<FolderLock> {
    const path = join(folder, NAME);
    const identity = await processes.identify();
    const holder: Holder = { ...identity, machine: machineOf(identity) };
    const claim = claimOf(path, holder.token);
    await mkdir(claim, { mode: 0o700 });
    try {
      await writeFile(join(claim, HOLDER), JSON.stringify(holder));
      const { mtimeMs: now } = await stat(join(claim, HOLDER));
      await waitFor(path, claim, { ...holder, since: now }, { patience, processes });
      await sweep(path, now);
    } finally {
      await rm(claim, { recursive: true, force: true });
    }
    return new FolderLock(path, holder.token);
  }

  /** Leaves the lock of another process alone, which took this one for gone. */
  async release(): Promise<void> {
    if ((await holderOf(this.#path))?.token !== this.#token) return;
    const claim = claimOf(this.#path, this.#token);
    await rename(this.#path, claim);
    await rm(claim, { recursive: true, force: true });
  }
}

async function waitFor(
  path: string,
  claim: string,
  own: Held,
  { patience, processes }: Required<LockOptions>,
): Promise<void> {
  const end = performance.now() + patience;
  while (!(await moved(claim, path))) {
    const holder = await holderOf(path);
    if (holder === undefined) continue; // released meanwhile
    const isFree = (await isGone(holder, own, processes)) && (await moved(path, claimOf(path, holder.token) + GONE));
    if (isFree) continue;
    if (performance.now() > end) throw inUse(path, holder, own);
    await delay(LOOK_MS);
  }
}

async function isGone(holder: Held, own: Held, processes: ProcessTable): Promise<boolean> {
  if (holder.machine === own.machine) return !(await processes.isRunning(holder));
  return own.since - holder.since > LONGEST_HELD_MS;
}

function inUse(path: string, { machine, pid }: Holder, own: Holder): SpikewireError {
  const isHere = machine === own.machine;
  const who = isHere ? `a running process, pid ${pid}` : 'another machine, or by this one before it was restarted';
  const expected = isHere ? 'its end' : `its end, or ${path} not touched for ten minutes`;
  return new SpikewireError('file', dirname(path), `in use by ${who}`, expected);
}

/** Renames a folder; false where the new name is taken or the old one is gone. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (failure) {
    const { code = '' } = failure as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !existsSync(from)) return false;
    if (TAKEN.includes(code) && existsSync(to)) return false;
    throw failure;
  }
}

/** Who holds a lock, and since when; undefined where nobody does. */
async function holderOf(path: string): Promise<Held | undefined> {
  const file = await open(join(path, HOLDER)).catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return undefined;
    throw failure;
  });
  if (file === undefined) return undefined;
  try {
    const { mtimeMs } = await file.stat();
    return { ...parsed(await file.readFile('utf8'), mtimeMs), since: mtimeMs };
  } finally {
    await file.close();
  }
}

/** A lock appears complete: one that cannot be read was left by a machine that lost its power, whichever it was. */
function parsed(text: string, mtimeMs: number): Holder {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { pid: 0, token: `unreadable-${mtimeMs}`, machine: '' };
  }
}

/** Removes what was taken from holders that are gone, and claims of processes that were killed, long ago. */
async function sweep(path: string, now: number): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const old = join(dirname(path), name);
    const { since } = (await holderOf(old)) ?? { since: now };
    if (now - since > KEPT_MS) await rm(old, { recursive: true, force: true });
  }
}

function claimOf(path: string, token: string): string {
  return `${path}.${token}`;
}

/** The folder of a repository is published: no name of a machine stands there. */
function machineOf({ bootId = '' }: ProcessIdentity): string {
  return createHash('sha256').update(`${hostname()} ${bootId}`).digest('hex').slice(0, 16);
}
