import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { SpikewireError } from '@spikewire/models';
import { failingAs } from './problem.ts';

/**
 * Holds a device file for this process alone among all processes that ask so, until the returned function is called or
 * the process ends. Rejects with `input` where another one holds it. The name of the file is bound as an abstract
 * socket of Linux (unix(7)): it needs no folder that all may write, and no process can leave it behind.
 */
export async function holdLine(path: string): Promise<() => Promise<void>> {
  const line = await realpath(path).catch(failingAs(path));
  const server = createServer((stranger) => stranger.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const isHeld = cause.code === 'EADDRINUSE';
      const problem = isHeld ? 'is in use by another process of spikewire' : `cannot be held (${cause.code})`;
      reject(new SpikewireError('input', path, problem, 'one process for each board', cause));
    });
    server.listen(`\0spikewire:${line}`, resolve);
  });
  // Holding alone keeps no process running.
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}
