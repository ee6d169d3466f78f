import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { modelFile } from '../bench/memory/net.mjs';
import { fitGrowth, measureFootprints, readMemory, runProgram } from '../bench/memory/process.mjs';

const READABLE = platform() === 'linux';
const MB = 1e6;
/** Enough for V8 to compile what is hot, on both threads. */
const WARM = 2000;
/**
 * Lengths of a run, each tried only where the shorter one grew. A process takes some memory late and once (V8 compiles
 * on another thread, an allocator takes a new arena); over ten times the inferences such a step is a tenth of the
 * growth. A leak is as steep.
 */
const INFERENCES = [20_000, 200_000];
/** Bytes per inference: less than one small object of V8 that is kept. */
const MOST_GROWTH = 64;

/**
 * Runs of which the least counts: chance only adds, such as where V8 compiles late on a busy machine. More follow until
 * the bounds hold, or chance is no reason any more.
 */
const [ROUNDS, MOST_ROUNDS] = [5, 15];

/**
 * Megabytes above bare Node at most, by the first release that they are for. The programs are the same: what later
 * releases take more is their V8, which has one compiler more (Maglev) and a larger binary, of which more pages are
 * touched, and more of its own per thread. They lie 1 to 2.3 MB above what is measured on a quiet machine.
 */
const MOST = [
  { from: 20, 'in-process': { own: 10.5, rss: 17.5 }, worker: { own: 21, rss: 28.5 } },
  { from: 22, 'in-process': { own: 11.5, rss: 21 }, worker: { own: 23, rss: 36.5 } },
  // The worker has 24.2 to 26.9 MB of its own here, by what V8 has compiled: on a busy machine the more. In process it
  // is 0.4 MB more since the kernels are text in a module. Measured in process: 12.1 to 14.5 MB of its own, and 22.5 to
  // 25.2 in all; the same build takes more of it hours after a machine has started.
  { from: 24, 'in-process': { own: 15, rss: 26 }, worker: { own: 28, rss: 44 } },
] as const;
const NAMES = ['in-process', 'worker'] as const;
const RELEASE = Number(process.versions.node.split('.')[0]);

/** Bytes: the least of all rounds. */
interface Memory {
  readonly low: number;
  readonly own: number;
}

/**
 * The goal is 8 MB above bare Node in process and 20 MB with the worker, by RSS; it is not reached
 * (test/bench/RESULTS.md says what is and why). These bounds hold what is reached. Of the RSS above bare Node, 7 to 16
 * MB are pages of Node's own binary, above all its optimising compilers; the rest, here "own", is what we need. The
 * long form is `npm run bench -- memory`.
 */
describe('the memory of a process with a net of 100 000 int8 weights', () => {
  let folder: string;
  let file: string;
  const footprints: Record<string, Memory> = {};

  const most = MOST.findLast(({ from }) => from <= RELEASE)!;
  /** Megabytes above bare Node. */
  const above = (name: string, key: keyof Memory) =>
    ((footprints[name]?.[key] ?? Infinity) - (footprints.bare?.[key] ?? 0)) / MB;
  const isWithin = (name: (typeof NAMES)[number]) =>
    above(name, 'own') < most[name].own && above(name, 'low') < most[name].rss;

  function takeLeast(found: Record<string, Memory>): void {
    for (const [name, { low, own }] of Object.entries(found)) {
      const before = footprints[name] ?? { low, own };
      footprints[name] = { low: Math.min(before.low, low), own: Math.min(before.own, own) };
    }
  }

  beforeAll(async () => {
    if (!READABLE) return;
    folder = mkdtempSync(join(tmpdir(), 'spikewire-memory-'));
    file = join(folder, 'net.spike');
    writeFileSync(file, modelFile());
    const nets = NAMES.map((name) => ({ name, words: [file, WARM] }));
    for (let rounds = 0; rounds < MOST_ROUNDS && !NAMES.every(isWithin); rounds += ROUNDS)
      takeLeast(await measureFootprints([{ name: 'bare', words: [] }, ...nets], ROUNDS));
  });
  afterAll(() => {
    if (READABLE) rmSync(folder, { recursive: true });
  });
  beforeEach((context) => context.skip(!READABLE, 'reads /proc, which this system does not have'));

  it.each(NAMES)('%s: is within its bounds above bare Node', (name) => {
    expect(above(name, 'own')).toBeLessThan(most[name].own);
    expect(above(name, 'low')).toBeLessThan(most[name].rss);
  });

  it.each(NAMES)('%s: stays as it is while the net runs', async (name) => {
    const growths: number[] = [];
    for (const inferences of INFERENCES) {
      growths.push(await growth(name, file, inferences));
      if (growths.at(-1)! < MOST_GROWTH) return;
    }
    expect.fail(`grew by ${growths.map(Math.round).join(' and ')} bytes per inference`);
  });
});

/** Bytes of its own that a program takes per inference. */
async function growth(name: string, file: string, inferences: number): Promise<number> {
  const samples: [number, number][] = [];
  let fired = 0;
  await runProgram(name, [file, inferences, inferences / 40], (id: number, done: number, spikes: number) => {
    samples.push([done, readMemory(id).anonymous]);
    fired = spikes;
  });
  expect(fired).toBeGreaterThan(inferences);
  return fitGrowth(samples).slope;
}
