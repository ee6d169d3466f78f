import { mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { unwritableFile } from './file-problem.ts';

/**
 * Makes the folder of a file that long work is for, and refuses before it what cannot become a file. Returns the first
 * folder that was made.
 */
export async function prepareFile(path: string): Promise<string | undefined> {
  await refuseOther(path);
  return makeFolder(dirname(path)).catch((cause: unknown) => {
    throw unwritableFile(path, cause);
  });
}

/** Does the work that a prepared file is for. Where it fails, empty folders that were made for the file go again. */
export async function workFor<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const made = await prepareFile(path);
  try {
    return await work();
  } catch (failure) {
    if (made !== undefined) await removeEmpty(dirname(path), made).catch(() => {}); // somebody uses them
    throw failure;
  }
}

async function removeEmpty(folder: string, last: string): Promise<void> {
  await rmdir(folder);
  if (folder !== last) await removeEmpty(dirname(folder), last);
}

/** A folder cannot become a file; a device, pipe or socket must not: renaming would replace it for everybody. */
async function refuseOther(path: string): Promise<void> {
  const present = await stat(path).catch(() => undefined);
  if (present === undefined || present.isFile()) return;
  const problem = present.isDirectory() ? 'is a folder' : 'is not a file';
  throw new SpikewireError('file', path, problem, 'a file that can be written');
}

/**
 * Makes a folder and those above it that are missing, and returns the first that it made. Not `recursive`: where a
 * system denies what it has just been asked for, as below /proc, Node asks without end.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  const parent = dirname(path);
  try {
    return await makeUnlessThere(path);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw failure;
  }
  const above = await makeFolder(parent);
  const made = await makeUnlessThere(path);
  return above ?? made;
}

async function makeUnlessThere(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (failure) {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return undefined;
    throw failure;
  }
}

/**
 * Writes a file so that a reader, or a process that is killed, finds the old one or the new one whole. Rejects with
 * `file` where it cannot be written, or its name is that of something else than a file.
 *
 * @param isDurable whether that also holds after a power failure; which of the two it is then is only sure when the
 *   folder has been synchronised
 */
export async function writeWhole(path: string, content: string | Uint8Array, isDurable = false): Promise<void> {
  await refuseOther(path);
  const beside = `${path}.${process.pid}.part`;
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(content);
      if (isDurable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {}); // the first failure is the one to report
    throw unwritableFile(path, cause);
  }
}
