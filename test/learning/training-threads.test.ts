import { createHash } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { RandomGenerator, readParameters } from '@spikewire/models';
import { type Backend, methods, onnxRuntime, type Run } from '@spikewire/trainer';
import { describe, expect, it } from 'vitest';

const [SIDE, SAMPLES] = [28, 160];

/** Images of three classes: a bright band that lies elsewhere in each, and specks. */
function images() {
  const random = new RandomGenerator(5, 'images');
  const labels = Int32Array.from({ length: SAMPLES }, (_, k) => k % 3);
  const samples = Array.from(labels, (label) =>
    Float32Array.from({ length: SIDE * SIDE }, (_, pixel) => {
      const isBand = Math.floor(pixel / SIDE / 9) === label;
      return random.nextUniform() < (isBand ? 0.4 : 0.05) ? 255 : 0;
    }),
  );
  const whole = { name: 'bands', classes: ['a', 'b', 'c'], shape: [1, SIDE, SIDE], samples, labels };
  return { ...whole, test: { samples: samples.slice(0, 3), labels: labels.slice(0, 3) } };
}

/** Of each part of a batch whether it is computed in a thread of its own. */
const parts: boolean[] = [];

function open(changes: Readonly<Record<string, string | number>>, threads: number): Promise<Run> {
  const stbp = methods.find(({ name }) => name === 'stbp')!;
  const parameters = readParameters('stbp', { batch: 64, epochs: 2, ...changes }, stbp.parameters);
  const library = onnxRuntime(threads);
  const backend: Backend = {
    name: library.name,
    compile: (program) => library.compile(program),
    async compileParts(program, count) {
      const executables = await library.compileParts(program, count);
      parts.push(...executables.map(({ isBeside = false }) => isBeside));
      return executables;
    },
  };
  return stbp.start({ data: images(), backend, seed: 4 }, parameters);
}

/** What is saved after so many steps, and what the last one said. */
async function after(steps: number, run: Run, from?: ReturnType<Run['save']>) {
  if (from !== undefined) await run.restore(structuredClone(from), 'state');
  let report: unknown;
  for (let step = 0; step < steps; step++) report = await run.step();
  const saved = structuredClone(run.save());
  await run.close();
  // In place of a million numbers, of which a failure would show the difference for minutes.
  const digest = createHash('sha256');
  for (const [name, array] of Object.entries(saved.arrays)) digest.update(name).update(array as Float32Array);
  return { said: { report, progress: saved.progress, digest: digest.digest('hex') }, saved };
}

describe('a training whose batches are divided', () => {
  it.each([
    [
      'spikes, of which only the active ones are read',
      { arch: '784-256-3', steps: 25, encoder: 'bernoulli', dropout: 0.2 },
    ],
    ['images that are shifted', { arch: '6C5-P2-3', steps: 5, augment: 'shift:most=1' }],
  ])('gives the same bits on one thread, on two and resumed: %s', async (_, changes) => {
    parts.length = 0;
    const one = await after(3, await open(changes, 1));
    expect((await after(3, await open(changes, 2))).said).toEqual(one.said);
    expect(parts, 'on one thread, then on two').toEqual([false, false, false, true]);
    const first = await after(1, await open(changes, 2));
    expect(first.said.digest).not.toBe(one.said.digest);
    expect((await after(2, await open(changes, 2), first.saved)).said).toEqual(one.said);
  });

  it('can be closed when its thread has ended by itself', async () => {
    const started: Worker[] = [];
    const note = (thread: Worker) => started.push(thread);
    process.on('worker', note);
    const run = await open({ arch: '6C5-P2-3', steps: 5 }, 2);
    process.off('worker', note);
    expect(started.length).toBeGreaterThan(0);
    for (const thread of started) await thread.terminate();
    await run.close();
  });
});
