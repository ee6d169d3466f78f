import { readdir, readlink, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';

/**
 * Rejects with `input` where a process has a serial line open, this one too: two that read it get a part of its bytes
 * each, and half a number is a number too. Linux tells who it is under /proc (proc(5)), to each user of their own
 * processes. A pseudo-terminal is always open where it was made, so it is not looked for.
 *
 * @param proc where /proc is mounted
 */
export async function expectUnused(path: string, proc = '/proc'): Promise<void> {
  const line = await realpath(path).catch(() => undefined);
  if (line === undefined || line.startsWith('/dev/pts/')) return;
  const user = await processWith(line, proc);
  if (user === undefined) return;
  throw new SpikewireError('input', path, `is in use by ${user}`, 'one reader: two would share its bytes');
}

/**
 * Describes a process that has a file or a socket open, such as `node, process 42`. Undefined if this user may see no
 * such process.
 */
export async function processWith(file: string, proc = '/proc'): Promise<string | undefined> {
  for (const pid of await namesIn(proc)) {
    if (!/^\d+$/.test(pid) || !(await hasOpen(join(proc, pid, 'fd'), file))) continue;
    // Its file: the name in `comm` is that of a thread, "MainThread" with Node 24.
    const name = basename(await readlink(join(proc, pid, 'exe')).catch(() => ''));
    return name === '' ? `process ${pid}` : `${name}, process ${pid}`;
  }
  return undefined;
}

/** Whether a file is among those that a folder of descriptors leads to. */
async function hasOpen(descriptors: string, file: string): Promise<boolean> {
  for (const descriptor of await namesIn(descriptors)) {
    if ((await readlink(join(descriptors, descriptor)).catch(() => '')) === file) return true;
  }
  return false;
}

/** None where the folder is gone, as that of a process which has ended, or another user's. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
