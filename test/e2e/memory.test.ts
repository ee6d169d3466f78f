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
const INFERENCES = 20_000;

interface Memory {
  readonly rss: number;
  readonly anonymous: number;
}

/**
 * The goal is 8 MB above bare Node in process and 20 MB with the worker, by RSS; it is not reached (test/bench/RESULTS.md
 * says what is and why). These bounds hold what is reached. Of the RSS above bare Node, about 8 MB are pages of Node's own
 * binary, above all its optimising compiler; the rest, here "own", is what we need. The long form is `npm run bench -- memory`.
 */
describe('the memory of a process with a net of 100 000 int8 weights', () => {
  let folder: string;
  let file: string;
  let footprints: Record<string, Memory>;

  beforeAll(async () => {
    if (!READABLE) return;
    folder = mkdtempSync(join(tmpdir(), 'spikewire-memory-'));
    file = join(folder, 'net.spike');
    writeFileSync(file, modelFile());
    const nets = ['in-process', 'worker'].map((name) => ({ name, words: [file, WARM] }));
    footprints = await measureFootprints([{ name: 'bare', words: [] }, ...nets], 3);
  });
  afterAll(() => {
    if (READABLE) rmSync(folder, { recursive: true });
  });
  beforeEach((context) => context.skip(!READABLE, 'reads /proc, which this system does not have'));

  it.each([
    ['in-process', { own: 10, rss: 18 }],
    ['worker', { own: 21, rss: 30 }],
  ])('%s, above bare Node in MB: %o at most', (name, most) => {
    const above = (key: keyof Memory) => (footprints[name]![key] - footprints.bare![key]) / MB;
    expect(above('anonymous')).toBeLessThan(most.own);
    expect(above('rss')).toBeLessThan(most.rss);
  });

  it.each(['in-process', 'worker'])('%s: stays as it is while the net runs', async (name) => {
    const samples: [number, number][] = [];
    let fired = 0;
    await runProgram(name, [file, INFERENCES, INFERENCES / 40], (id: number, done: number, spikes: number) => {
      samples.push([done, readMemory(id).rss]);
      fired = spikes;
    });
    expect(fired).toBeGreaterThan(INFERENCES);
    // Less than one small object of V8 that is kept per inference.
    expect(fitGrowth(samples).slope).toBeLessThan(64);
  });
});
