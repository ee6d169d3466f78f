import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TrialResult } from 'spikewire/trials';

/**
 * Trains in a process of its own, which saves and stops when a signal comes; undefined where it was stopped.
 * @param words of `spikewire train`
 */
export async function trainIn(words: readonly string[], signal: AbortSignal): Promise<TrialResult | undefined> {
  const main = join(dirname(createRequire(import.meta.url).resolve('spikewire/package.json')), 'bin', 'spikewire.js');
  // In a group of its own, so that Ctrl-C reaches it once, by us: a second signal would end it without saving. Where
  // this process is killed, it ends when it next says how far it is: nobody reads that any more.
  const child = spawn(process.execPath, [main, 'train', ...words, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = () => child.kill('SIGKILL');
  const stop = () => child.kill('SIGINT');
  process.once('exit', kill);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const [code, stdout, stderr] = await ended(child);
    // Where there was nothing to save yet it ended by the signal.
    if (code === null && signal.aborted) return undefined;
    if (code !== 0) return { problem: stderr.trim().split('\n').at(-1) || `ended with ${code}` };
    const figures = JSON.parse(stdout);
    return figures.stopped ? undefined : { figures };
  } finally {
    process.off('exit', kill);
    signal.removeEventListener('abort', stop);
  }
}

/** Exit code, what it said, and the end of its complaints. */
async function ended(child: ChildProcess): Promise<[code: number | null, stdout: string, stderr: string]> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-2000);
  });
  const [code] = await once(child, 'close');
  return [code as number | null, stdout, stderr];
}
