import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nets } from './learning-kill-net.mjs';

const LONGEST_LIFE = 150; // milliseconds after a line of the learner
const LEARNER = fileURLToPath(new URL('learning-kill-learner.mjs', import.meta.url));

it.each([
  ['predictor', 200],
  ['classifier', 60],
] as const)(
  'a %s that learns, killed at %i random moments, always goes on, from nothing older than it had said was saved',
  {
    timeout: 600_000,
  },
  async (kind, kills) => {
    const net = nets[kind];
    const directory = await mkdtemp(join(tmpdir(), 'spikewire-learning-'));
    // After the learner's first line, which comes before it opens its store, or after the first save, which a slow
    // machine would else not live to see.
    const line = fc.constantFrom<Line>('started', 'saved');
    const moments = fc.sample(fc.record({ line, wait: fc.integer({ min: 0, max: LONGEST_LIFE }) }), {
      seed: 20261125,
      numRuns: kills,
    });
    // The same net on the same readings, which nobody kills.
    const undisturbed = await net.open(undefined);
    let saved = { sequence: 0n, readings: 0 };
    let killedAmidSaves = 0;
    try {
      for (const moment of moments) {
        const acknowledged = await learnUntilKilled(kind, directory, moment);
        const last = acknowledged.at(-1) ?? saved;
        const warnings: string[] = [];
        const kept = await net.open(directory, warnings);
        const restored = { sequence: kept.saved?.sequence ?? 0n, readings: kept.session.sequence };
        const digest = net.digest(kept);

        expect(warnings).toEqual([]);
        expect(restored.sequence).toBeGreaterThanOrEqual(last.sequence);
        expect(restored.readings).toBeGreaterThanOrEqual(last.readings);
        if (restored.sequence === last.sequence) expect(restored.readings).toBe(last.readings);
        if (restored.sequence > 0n) expect(kept.restoredNotes).toBe(digest);
        for (let k = net.done(undisturbed); k < net.done(kept); k++) await net.act(undisturbed, k);
        expect(digest).toBe(net.digest(undisturbed));
        expect(Buffer.compare(await kept.session.save(), await undisturbed.session.save())).toBe(0);

        await kept.close();
        expect(kept.saved?.sequence ?? 0n).toBe(restored.sequence); // closed without news, it writes nothing
        saved = restored;
        if (acknowledged.length > 0) killedAmidSaves++;
      }
      expect(killedAmidSaves).toBeGreaterThan(kills / 4);
      expect(saved.readings).toBeGreaterThan(kills);
      expect((await readdir(directory)).length).toBeLessThanOrEqual(3); // two slots and the lock: nothing piles up
      console.info(
        `${kind}: ${kills} kills, ${killedAmidSaves} of them amid saves; ${saved.sequence} saves of ${saved.readings} readings, none lost`,
      );
    } finally {
      await undisturbed.close();
      await rm(directory, { recursive: true });
    }
  },
);

type Line = 'started' | 'saved';

interface Moment {
  readonly line: Line;
  /** Milliseconds after that line. */
  readonly wait: number;
}

/** Lets the learner run until the moment comes, and gives the saves that it acknowledged. */
async function learnUntilKilled(
  kind: string,
  directory: string,
  { line, wait }: Moment,
): Promise<{ sequence: bigint; readings: number }[]> {
  const learner = spawn(process.execPath, [LEARNER, kind, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const hasExited = once(learner, 'exit');
  const lines = createInterface({ input: learner.stdout });
  const acknowledged: { sequence: bigint; readings: number }[] = [];
  const hasCome = new Promise<void>((resolve) => {
    lines.on('line', (text) => {
      if (line === 'started' || text.startsWith('saved')) resolve();
    });
  });
  const hasEnded = once(lines, 'close');
  lines.on('line', (line) => {
    const [word, sequence, readings] = line.split(' ');
    if (word === 'saved') acknowledged.push({ sequence: BigInt(sequence!), readings: Number(readings) });
  });
  await Promise.race([hasCome, hasExited]);
  await delay(wait);
  learner.kill('SIGKILL');
  const [, signal] = await hasExited;
  await hasEnded;
  expect(signal).toBe('SIGKILL'); // it did not end by an error of its own
  return acknowledged;
}
