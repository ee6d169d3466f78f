import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { unwritableFile } from './file-problem.ts';

/** Makes the folder of a file that long work is for, and refuses before it what cannot become a file. */
export async function prepareFile(path: string): Promise<void> {
  const present = await stat(path).catch(() => undefined);
  if (present?.isDirectory()) throw new SpikewireError('file', path, 'is a folder', 'a file that can be written');
  await makeFolder(dirname(path)).catch((cause: unknown) => {
    throw unwritableFile(path, cause);
  });
}

/** With those above it. Node's own `recursive` never ends where there can be no new folder, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const unlessThere = async (failure: unknown) => {
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw failure;
  };
  const parent = dirname(path);
  try {
    await mkdir(path);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) return unlessThere(failure);
    await makeFolder(parent);
    await mkdir(path).catch(unlessThere);
  }
}

/** Writes a file so that a reader, or a process that is killed, finds the old one or the new one whole. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {}); // the first failure is the one to report
    throw unwritableFile(path, cause);
  }
}
