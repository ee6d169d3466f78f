import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import type { DataSet } from 'spikewire/data';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { withTestPart } from '../data/test-part.ts';
import type { Recipe } from '../methods/method.ts';
import { stbp } from '../methods/stbp.ts';
import { RunFolder } from '../run/run-folder.ts';
import { train } from '../run/train.ts';
import { orderOf } from './batches.ts';
import type { TrainingConfiguration } from './configuration.ts';
import { Training } from './training.ts';

/** Points in three clouds of a plane and noise in a third channel. */
function clouds(count: number): DataSet {
  const random = new RandomGenerator(1, 'clouds');
  const labels = Int32Array.from({ length: count }, (_, k) => k % 3);
  const centres = [
    [0, 0],
    [3, 0],
    [0, 3],
  ];
  const samples = Array.from(labels, (label) =>
    Float64Array.of(
      centres[label]![0]! + 0.4 * random.nextNormal(),
      centres[label]![1]! + 0.4 * random.nextNormal(),
      random.nextNormal(),
    ),
  );
  return { name: 'clouds', classes: ['a', 'b', 'c'], samples, labels };
}

function configurationWith(
  changes: Partial<TrainingConfiguration>,
  recipe: Partial<Recipe> = {},
): TrainingConfiguration {
  return {
    method: 'stbp',
    recipe: { ...stbp.recipe, batch: 20, learningRate: 0.01, ...recipe },
    data: 'csv:clouds.csv',
    architecture: '3-16-3',
    steps: 6,
    epochs: 4,
    seed: 2,
    ...changes,
  };
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-training-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface TrainInOptions {
  readonly stopAfter?: number;
  readonly resume?: boolean;
  readonly encoder?: string;
  readonly warn?: (line: string) => void;
}

/** Trains in a folder of its own, stopped after so many steps, and returns the files that decide everything. */
async function trainIn(name: string, { stopAfter, resume = false, encoder = 'bernoulli', warn }: TrainInOptions = {}) {
  const out = join(folder, `${name}.spike`);
  const stop = new AbortController();
  let steps = 0;
  const outcome = await train({
    folder: new RunFolder(join(folder, `${name}.run`)),
    configuration: { ...configurationWith({}, { encoder }), out },
    data: clouds(300),
    backend: onnxRuntime(1),
    resume,
    signal: stop.signal,
    ...(warn && { warn }),
    onBatch: () => {
      steps++;
      if (steps === stopAfter) stop.abort();
    },
  });
  const read = (file: string) => readFile(join(folder, `${name}.run`, file), 'utf8');
  return { outcome, out, last: () => read('last.safetensors'), metrics: () => read('metrics.jsonl') };
}

/** Changes the lowest bit of a file's last number. */
async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 4]! ^= 1;
  await writeFile(path, bytes);
}

describe('a training', () => {
  it('finds three clouds, and reports the figure of the exported model on the samples it held out', async () => {
    const { outcome, out } = await trainIn('whole', { encoder: 'direct' });
    expect(outcome!.evaluation.samples).toBe(60);
    expect(outcome!.evaluation.accuracy).toBeGreaterThan(0.95);
    expect(outcome!.evalData).toBe(`csv:${join(folder, 'whole.run', 'test.csv')}`);
    const rows = (await readFile(join(folder, 'whole.run', 'test.csv'), 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(60);
    expect(outcome!.fileBytes).toBe((await readFile(out)).length);
  });

  it('that was stopped within an epoch and resumed is the uninterrupted one bit for bit', async () => {
    const whole = await trainIn('whole');
    // 300 samples, 60 for the test, 20 for validation: 11 steps an epoch.
    expect((await trainIn('parts', { stopAfter: 4 })).outcome).toBeUndefined();
    expect((await trainIn('parts', { stopAfter: 13, resume: true })).outcome).toBeUndefined();
    const parts = await trainIn('parts', { resume: true });
    expect(parts.outcome!.digest).not.toBe('');
    expect(await parts.last()).toBe(await whole.last());
    expect(await parts.metrics()).toBe(await whole.metrics());
    expect(await readFile(parts.out)).toEqual(await readFile(whole.out));
  });

  it('does not overwrite a run, and refuses a checkpoint of another net', async () => {
    await trainIn('whole', { stopAfter: 3 });
    await expect(trainIn('whole')).rejects.toThrow(/whole\.run: holds a run; expected another --run, or --resume/);
    const run = new RunFolder(join(folder, 'whole.run'));
    const other = await Training.open(
      configurationWith({ architecture: '3-17-3' }),
      withTestPart(clouds(300)),
      interpreter,
    );
    await expect(run.restore(other.arrays)).rejects.toThrow(
      /last\.safetensors: has 48 numbers for "layer1\.weight"; expected 51 float32/,
    );
  });

  it('whose last checkpoint is damaged goes on from the best one, and ends as it would have', async () => {
    const whole = await trainIn('whole');
    // Two epochs of 11 steps and a few more.
    await trainIn('parts', { stopAfter: 25 });
    await damage(join(folder, 'parts.run', 'last.safetensors'));
    const lines: string[] = [];
    const parts = await trainIn('parts', { resume: true, warn: (line) => lines.push(line) });
    expect(lines.filter((line) => line.includes('safetensors'))).toEqual([
      expect.stringMatching(
        /last\.safetensors: digest: .*; expected an undamaged file; goes on from .*best\.safetensors/,
      ),
    ]);
    expect(await readFile(parts.out)).toEqual(await readFile(whole.out));
    expect(await parts.metrics()).toBe(await whole.metrics());
  });

  it('does not go on from damaged checkpoints alone', async () => {
    await trainIn('early', { stopAfter: 3 });
    await damage(join(folder, 'early.run', 'last.safetensors'));
    await expect(trainIn('early', { resume: true })).rejects.toThrow(/last\.safetensors: digest: /);
    await trainIn('late', { stopAfter: 25 });
    for (const name of ['last', 'best']) await damage(join(folder, 'late.run', `${name}.safetensors`));
    await expect(trainIn('late', { resume: true })).rejects.toThrow(/^[^\n]*last\.safetensors: digest: [^\n]*$/);
  });

  it('does not export a best checkpoint that is damaged', async () => {
    await trainIn('whole');
    await damage(join(folder, 'whole.run', 'best.safetensors'));
    await expect(trainIn('whole', { resume: true })).rejects.toThrow(/best\.safetensors: digest: .*undamaged/);
  });

  it('takes the same steps on the interpreter as on ONNX Runtime', async () => {
    const losses = [];
    for (const backend of [interpreter, onnxRuntime(1)]) {
      const training = await Training.open(configurationWith({ epochs: 1 }), withTestPart(clouds(90)), backend);
      await training.run();
      losses.push(training.progress.history[0]!.training.loss);
      await training.close();
    }
    expect(losses[0]).toBeCloseTo(losses[1]!, 5);
  });

  it('that diverges stops and names layer and step', async () => {
    const wild = configurationWith({}, { learningRate: 3e38 });
    const training = await Training.open(wild, withTestPart(clouds(300)), onnxRuntime(1));
    await expect(training.run()).rejects.toThrow(
      /^training step \d+: the (gradient of "layer[12]" is not finite|loss is NaN, from "layer[12]" on); expected a lower --learning-rate$/,
    );
    await training.close();
  });

  it('of too few samples is refused', async () => {
    const opening = Training.open(configurationWith({}), withTestPart(clouds(20)), interpreter);
    await expect(opening).rejects.toThrow('clouds: has 17 samples to learn from; expected 12 of a class at least');
  });

  it('ends early when the validation no longer gets better', async () => {
    const still = configurationWith({ epochs: 50 }, { learningRate: 1e-12, patience: 3 });
    const training = await Training.open(still, withTestPart(clouds(300)), onnxRuntime(1));
    await training.run();
    expect(training.progress.epochs).toBeLessThan(10);
    await training.close();
  });
});

describe('the order of an epoch', () => {
  it('is a permutation that seed and epoch decide', () => {
    const order = orderOf(1000, 1, 3);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, k) => k));
    expect(orderOf(1000, 1, 3)).toEqual(order);
    expect(orderOf(1000, 1, 4)).not.toEqual(order);
    expect(orderOf(1000, 2, 3)).not.toEqual(order);
  });
});
