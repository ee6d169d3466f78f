import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Starts a process that outlives this one. Resolves with its id; rejects where there is no such program. */
export async function launch(
  [program, ...words]: readonly string[],
  log: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<number> {
  const output = await open(log, 'a');
  try {
    const env = { ...process.env, ...environment };
    const child = spawn(program!, words, { detached: true, stdio: ['ignore', output.fd, output.fd], env });
    await once(child, 'spawn');
    child.unref();
    return child.pid!;
  } finally {
    await output.close();
  }
}

/** Whether the process runs and has `mark` in its command line: its id may belong to another one since. */
export async function runs(pid: number | undefined, mark: string): Promise<boolean> {
  if (pid === undefined) return false;
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended
  return words.includes(mark);
}

/** Sends signals to a process until it has ended: the first at once, and SIGKILL after the patience, in milliseconds. */
export async function end(pid: number, mark: string, signal: NodeJS.Signals, patience = 15_000): Promise<void> {
  const late = performance.now() + patience;
  if (await runs(pid, mark)) process.kill(pid, signal);
  while (await runs(pid, mark)) {
    if (performance.now() > late) process.kill(pid, 'SIGKILL');
    await delay(20);
  }
}

/** Files that a process which this one starts may open at a time. */
export async function descriptorLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return Number(/^Max open files +(\d+)/m.exec(limits)?.[1]);
}
