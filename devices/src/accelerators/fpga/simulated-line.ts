import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SpikewireError } from '@spikewire/models';
import type { BoardLine } from './board-line.ts';
import { openSerialBoard } from './serial-line.ts';

/** What makes the program. */
export const BUILT = 'the program that node devices/rtl/simulation/build.mjs <folder> makes from the sources';

/**
 * A board that is a process: the program of devices/rtl/simulation, which names a pty in its first line. From there on
 * it is a serial line like others. Rejects with `unsupported` where the program does not start.
 */
export async function openSimulatedBoard(program: string): Promise<BoardLine> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  let problem = 'is not a simulated board';
  const ended = new Promise<void>((resolve) => {
    child.once('error', ({ code }: NodeJS.ErrnoException) => {
      problem = `cannot be started (${code})`;
      resolve();
    });
    child.once('close', () => resolve());
  });
  const stop = async () => {
    child.ref();
    child.stdin.destroy();
    await ended;
  };
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout });
  const [said = ''] = (await Promise.race([once(lines, 'line'), ended.then(() => [''])])) as string[];
  lines.close();
  // The board says nothing else, and must not keep this process running.
  child.stdout.destroy();
  child.unref();
  const path = /^pty (\S+)$/.exec(said)?.[1];
  try {
    if (path === undefined) throw new SpikewireError('unsupported', program, problem, BUILT);
    const line = await openSerialBoard(path);
    return {
      ...line,
      async close() {
        await line.close();
        await stop();
      },
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}
