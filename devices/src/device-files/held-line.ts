import { readFile, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { SpikewireError } from '@spikewire/models';
import { processWith } from './in-use.ts';
import { failingAs } from './problem.ts';

/** A whole address. Some releases of Node fill it with zeros and others do not, and those are different names. */
const ADDRESS_BYTES = 108;

/**
 * Holds a device file for this process alone among all processes that ask so, until the returned function is called or
 * the process ends. Rejects with `input` where another one holds it; the line names that process where Linux tells. The
 * name of the file is bound as an abstract socket of Linux (unix(7)): it needs no folder that all may write, and no
 * process can leave it behind.
 */
export async function holdLine(path: string): Promise<() => Promise<void>> {
  const line = await realpath(path).catch(failingAs(path));
  const name = `spikewire:${line}`;
  const server = createServer((stranger) => stranger.destroy());
  const cause = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(`\0${name}`.padEnd(ADDRESS_BYTES, '\0'), () => resolve(undefined));
  });
  if (cause !== undefined) {
    const isHeld = cause.code === 'EADDRINUSE';
    const problem = isHeld ? `is in use by ${await holderOf(name)}` : `cannot be held (${cause.code})`;
    throw new SpikewireError('input', path, problem, 'one process for each board', cause);
  }
  // Holding alone keeps no process running.
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/**
 * The process that has bound an abstract socket: /proc/net/unix (proc(5)) has its inode, as the name of a descriptor.
 */
async function holderOf(name: string): Promise<string> {
  const sockets = await readFile('/proc/net/unix', 'utf8').catch(() => '');
  // The zeros behind the name are shown as @, too.
  const bound = sockets.split('\n').find((line) => line.replace(/@+$/, '').endsWith(` @${name}`));
  const inode = bound?.trim().split(/\s+/)[6];
  const found = inode === undefined ? undefined : await processWith(`socket:[${inode}]`);
  return found ?? 'another process of spikewire';
}
