import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Store } from 'spikewire/store';
import { expect, it } from 'vitest';
import { baseDigest, stateOf } from './store-kill-states.mjs';

const KILLS = 200;
const LONGEST_LIFE = 120; // milliseconds from the first line of the writer: about half go by in opening the store
const WRITER = fileURLToPath(new URL('store-kill-writer.mjs', import.meta.url));

it(`loses nothing acknowledged when its process is killed at ${KILLS} random moments`, {
  timeout: 240_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'spikewire-kill-'));
  const moments = fc.sample(fc.integer({ min: 0, max: LONGEST_LIFE }), { seed: 20261125, numRuns: KILLS });
  let saves = 0;
  let killedAfterSaving = 0;
  try {
    for (const moment of moments) {
      const acknowledged = await writeUntilKilled(directory, moment);
      const store = await Store.open(directory, { baseDigest });
      const loaded = await store.load();
      await store.close();
      const last = acknowledged.at(-1) ?? BigInt(saves);
      expect(store.quarantined).toEqual([]);
      expect(loaded?.sequence ?? 0n).toBeGreaterThanOrEqual(last);
      expect(loaded?.sequence ?? 0n).toBeLessThanOrEqual(last + 1n);
      if (loaded !== undefined) expect(Buffer.compare(loaded.state, stateOf(loaded.sequence))).toBe(0);
      saves = Number(loaded?.sequence ?? 0n);
      if (acknowledged.length > 0) killedAfterSaving++;
    }
    expect(killedAfterSaving).toBeGreaterThan(0);
    expect((await readdir(directory)).length).toBeLessThanOrEqual(3); // two slots and the lock: nothing piles up
    console.info(`${KILLS} kills, ${killedAfterSaving} of them amid saves; ${saves} saves, none lost`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** Runs the writer until the moment comes, and gives the sequences that it acknowledged. */
async function writeUntilKilled(directory: string, moment: number): Promise<bigint[]> {
  const writer: ChildProcess = spawn(process.execPath, [WRITER, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const hasExited = once(writer, 'exit');
  const lines = createInterface({ input: writer.stdout! });
  const acknowledged: bigint[] = [];
  const hasStarted = once(lines, 'line');
  const hasEnded = once(lines, 'close');
  lines.on('line', (line) => {
    if (line.startsWith('saved ')) acknowledged.push(BigInt(line.slice('saved '.length)));
  });
  await Promise.race([hasStarted, hasExited]);
  await delay(moment);
  writer.kill('SIGKILL');
  const [, signal] = await hasExited;
  await hasEnded;
  expect(signal).toBe('SIGKILL'); // it did not end by an error of its own
  return acknowledged;
}
