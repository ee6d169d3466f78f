import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { type FileSystem, type ProcessIdentity, type ProcessTable, Store } from 'spikewire/store';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from './store-memory-disk.ts';

const FOLDER = '/store';
const PROCESSES = 3;
const BASE = 'c'.repeat(64);
const HOLDER = fileURLToPath(new URL('store-lock-holder.mjs', import.meta.url));

/** Opens a folder as one process of several, and gives it back. */
type Opening = (disk: FileSystem, pid: number, machine: Machine) => Promise<() => Promise<void>>;

const openStore: Opening = async (fileSystem, pid, machine) => {
  const store = await Store.open(FOLDER, { baseDigest: BASE, fileSystem, processes: machine.tableOf(pid) });
  return () => store.close();
};

describe('the lock, when processes run by turns', () => {
  const turns = fc.array(fc.record({ process: fc.nat(PROCESSES - 1), operations: fc.integer({ min: 1, max: 40 }) }), {
    minLength: 5,
    maxLength: 40,
  });

  it('is held by one process at a time', async () => {
    await fc.assert(
      fc.asyncProperty(turns, fc.constantFrom('crashes', 'closes'), async (turns, end) => {
        const race = await run(openStore, turns, end);
        expect(race.mostAtOnce).toBe(1);
        expect(race.failures.filter((failure) => !isRefusal(failure))).toEqual([]);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('would be seen to fail if a stale lock were removed and made anew', async () => {
    let mostAtOnce = 0;
    const property = fc.asyncProperty(turns, async (turns) => {
      mostAtOnce = Math.max(mostAtOnce, (await run(openNaively, turns, 'closes')).mostAtOnce);
    });
    await fc.assert(property, { numRuns: 1000, seed: 7 });
    expect(mostAtOnce).toBeGreaterThan(1);
  });
});

it('goes to exactly one of many processes that find the lock of a dead one', { timeout: 60_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'spikewire-lock-'));
  try {
    for (let round = 0; round < 3; round++) {
      const dead: ProcessIdentity = { pid: process.pid, token: 'dead', startTime: '1', bootId: 'an earlier boot' };
      await writeFile(join(directory, `lock.${100 * (round + 1)}`), JSON.stringify(dead));
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => raceFor(directory)));
      const winners = outcomes.filter(({ line }) => line === 'held');
      expect(winners).toHaveLength(1);
      for (const { line } of outcomes.filter((outcome) => outcome.line !== 'held')) {
        expect(line).toContain(`in use by a running process, pid ${winners[0]!.pid}`);
      }
      for (const { finish } of outcomes) await finish();
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

/** The processes that run, and what they would be told about each other. */
class Machine {
  readonly running = new Set<number>();
  #tokens = 0;

  tableOf(pid: number): ProcessTable {
    this.running.add(pid);
    return {
      identify: async () => ({ pid, token: `${this.#tokens++}` }),
      isRunning: async (identity) => this.running.has(identity.pid),
    };
  }
}

/** Whose turn it is, and for how many operations on the disk. */
interface Turn {
  readonly process: number;
  readonly operations: number;
}

/** Lets processes go on with one operation at a time, in a given order and then, until all are done, in rotation. */
class Turnstile {
  readonly #waiting = new Map<number, () => void>();

  pass(process: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(process, resolve));
  }

  async run(turns: readonly Turn[]): Promise<void> {
    for (const { process, operations } of turns) {
      for (let operation = 0; operation < operations; operation++) await this.#letPass(process);
    }
    do {
      for (let process = 0; process < PROCESSES; process++) await this.#letPass(process);
    } while (this.#waiting.size > 0);
  }

  async #letPass(process: number): Promise<void> {
    const goOn = this.#waiting.get(process);
    this.#waiting.delete(process);
    goOn?.();
    if (goOn !== undefined) await setImmediate(); // until it waits again, or is done
  }
}

/**
 * Several processes want a folder whose last holder is dead, each three times; the turns say whose operation is next.
 */
async function run(open: Opening, turns: readonly Turn[], end: 'crashes' | 'closes') {
  const machine = new Machine();
  const disk = new MemoryDisk();
  await open(disk, 1, machine);
  machine.running.delete(1);
  const turnstile = new Turnstile();
  let holders = 0;
  let mostAtOnce = 0;
  const failures: unknown[] = [];
  const live = async (process: number, pid: number) => {
    const own = byTurns(disk, () => turnstile.pass(process));
    try {
      const close = await open(own, pid, machine);
      mostAtOnce = Math.max(mostAtOnce, ++holders);
      await own.list('/'); // holds it for a while
      holders--;
      if (end === 'crashes') machine.running.delete(pid);
      else await close();
    } catch (failure) {
      failures.push(failure);
    }
  };
  const lives = Array.from({ length: PROCESSES }, async (_, process) => {
    for (const life of [1, 2, 3]) await live(process, 100 * life + process);
  });
  await setImmediate();
  await turnstile.run(turns);
  await Promise.all(lives);
  return { mostAtOnce, failures };
}

/** The disk as one process sees it: before each operation it waits for its turn. */
function byTurns(disk: MemoryDisk, turn: () => Promise<void>): FileSystem {
  const waiting = <A extends unknown[], R>(operation: (...parameters: A) => Promise<R>) => {
    return async (...parameters: A) => {
      await turn();
      return operation.apply(disk, parameters);
    };
  };
  return {
    makeFolder: waiting(disk.makeFolder),
    list: waiting(disk.list),
    stat: waiting(disk.stat),
    read: waiting(disk.read),
    create: waiting(disk.create),
    append: waiting(disk.append),
    link: waiting(disk.link),
    rename: waiting(disk.rename),
    truncate: waiting(disk.truncate),
    remove: waiting(disk.remove),
    syncFolder: waiting(disk.syncFolder),
  };
}

function isRefusal(failure: unknown): boolean {
  return failure instanceof SpikewireError && /in use by a running process|keep taking the lock/.test(failure.message);
}

/** What must not be done: between looking and removing, the lock may have become somebody else's. */
const openNaively: Opening = async (disk, pid, machine) => {
  machine.tableOf(pid);
  const path = '/lock';
  const holder = await disk.read(path, 100).then(
    (bytes) => Number(new TextDecoder().decode(bytes)),
    () => undefined,
  );
  if (holder !== undefined && machine.running.has(holder)) throw new Error('held');
  if (holder !== undefined) await disk.remove(path);
  const claim = `/claim.${pid}`;
  const file = await disk.create(claim);
  await file.write(new TextEncoder().encode(`${pid}`));
  await disk.link(claim, path);
  return () => disk.remove(path);
};

/** Starts a process that opens the folder, says what came of it, and holds it until told to finish. */
async function raceFor(directory: string) {
  const child = spawn(process.execPath, [HOLDER, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const hasExited = once(child, 'exit');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    line: line as string,
    pid: child.pid,
    finish: async () => {
      child.stdin.end();
      await hasExited;
    },
  };
}
