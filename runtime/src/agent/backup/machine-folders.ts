import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { readNetModel } from '../../session/net-model.ts';
import { restoreStores } from '../../store/backup.ts';
import { unless } from '../../store/file-system.ts';
import { nodeFileSystem as files, Lock, machineProcessTable, makeFolder, storeFailure } from '../../store/index.ts';
import { readStores } from '../../store/read-stores.ts';
import { Bases } from '../update/bases.ts';
import { EMPTY_JOURNAL, Journal } from '../update/journal.ts';
import type { DeviceArchive, MachineBackup } from './device-archive.ts';

/** Where a machine keeps what it has learned, and the files of its updates. */
export interface MachineFolders {
  readonly name: string;
  readonly learned: string;
  readonly update: string;
}

/** In the folder of a machine. */
export const LEARNED_FOLDER = 'learned';
export const UPDATE_FOLDER = 'update';

/**
 * What a machine has saved, also while it runs; undefined where that is nothing yet. Rejects with `store` where that
 * cannot be read, or has more than so many bytes.
 */
export async function readMachine(
  { learned, update }: MachineFolders,
  mostBytes: number,
): Promise<MachineBackup | undefined> {
  const { current } = (await Journal.peek(join(update, 'journal'))) ?? EMPTY_JOURNAL;
  if (current === null) return undefined;
  if (!(await unless('ENOENT', files.stat(learned)))) return undefined; // it has not learned yet
  const { slots } = await readStores(learned, { mayBeInUse: true, mostBytes });
  if (slots.size === 0) return undefined;
  const bytes = await new Bases(join(update, 'bases')).read(current.sha256);
  return { slots, base: { name: current.name, bytes } };
}

export interface RestoreOptions {
  /** The `--folder` of an agent that does not run. */
  readonly folder: string;
  readonly archive: DeviceArchive;
  /** Whether machines that exist are put aside; else they are an error. */
  readonly putsAside: boolean;
  /** Bytes that all nets may take together. */
  readonly memory?: number | undefined;
  /** Now; names what is put aside, and is when the bases begin to answer here. */
  readonly time: Date;
}

/** Machines that were restored, and where those were put that had their names. */
export interface Restored {
  readonly machines: readonly string[];
  readonly aside: readonly string[];
}

/**
 * Gives machines of an agent what the archive has of them, so that they continue as their predecessors were. Rejects
 * with `store` where a process uses the folder or a machine exists, and otherwise where a base cannot run here; nothing
 * was changed then.
 */
export async function restoreMachines(options: RestoreOptions): Promise<Restored> {
  const { folder, archive, memory, putsAside } = options;
  for (const { base } of archive.machines.values()) readNetModel(base.bytes, memory, true);
  const lock = await lockOf(folder);
  const making = join(folder, '.restoring'); // no machine has such a name
  try {
    const names = [...archive.machines.keys()];
    const present = await presentOf(folder, names);
    if (present.length > 0 && !putsAside) throw exists(join(folder, present[0]!));
    await rm(making, { recursive: true, force: true }); // of a process that was killed
    for (const [name, machine] of archive.machines) await make(join(making, name), machine, options.time);
    const aside = join(folder, '.replaced', options.time.toISOString().replaceAll(':', ''));
    if (present.length > 0) await makeFolder(aside, files);
    for (const name of names) {
      if (present.includes(name)) await files.rename(join(folder, name), join(aside, name));
      await files.rename(join(making, name), join(folder, name));
    }
    await files.syncFolder(folder);
    return { machines: names, aside: present.map((name) => join(aside, name)) };
  } catch (failure) {
    throw storeFailure(folder, 'restore into it', failure);
  } finally {
    await rm(making, { recursive: true, force: true }).catch(() => {}); // the next one removes it
    await lock.release();
  }
}

async function lockOf(folder: string): Promise<Lock> {
  try {
    await makeFolder(folder, files);
    return await Lock.take(folder, files, machineProcessTable());
  } catch (failure) {
    throw storeFailure(folder, 'use it', failure);
  }
}

async function presentOf(folder: string, names: readonly string[]): Promise<string[]> {
  const there = new Set(await files.list(folder));
  return names.filter((name) => there.has(name));
}

/** A folder as an agent leaves it that has installed the base and stopped. */
async function make(folder: string, { slots, base }: MachineBackup, time: Date): Promise<void> {
  await makeFolder(folder, files);
  await restoreStores(join(folder, LEARNED_FOLDER), { slots });
  const sha256 = await new Bases(join(folder, UPDATE_FOLDER, 'bases')).keep(base.bytes);
  const { digest } = readNetModel(base.bytes, Number.POSITIVE_INFINITY);
  const journal = await Journal.open(join(folder, UPDATE_FOLDER, 'journal'));
  try {
    const pair = { sha256, digest, name: base.name, carrying: null, since: time.toISOString() };
    await journal.write({ current: pair });
  } finally {
    await journal.close();
  }
}

function exists(path: string): SpikewireError {
  const expected = 'a folder without this machine, or --force, which puts it aside';
  return new SpikewireError('store', path, 'already exists', expected);
}
