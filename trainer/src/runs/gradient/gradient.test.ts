import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readParameters, SpikewireError } from '@spikewire/models';
import type { Evaluation } from 'spikewire/data';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../backend/backend.ts';
import { interpreter } from '../../backend/interpreter.ts';
import { onnxRuntime } from '../../backend/onnx-runtime.ts';
import { clouds } from '../../data/clouds.test-data.ts';
import { stbp } from '../../methods/stbp.ts';
import { RunFolder } from '../../outcome/run-folder.ts';
import { train } from '../../outcome/train.ts';
import { withTestPart } from '../../samples/test-part.ts';
import { trainedNet } from '../../stream-eval/teachable-net.ts';
import { orderOf, ordersOf } from '../../training/batches.ts';
import type { Run } from '../run.ts';
import { type TrainNetParameters, trainNet } from './train-net.ts';

function parametersWith(changes: Readonly<Record<string, number | string>> = {}) {
  const given = { arch: '3-16-3', steps: 6, epochs: 4, batch: 20, learningRate: 0.01, ...changes };
  return readParameters('stbp', given, stbp.parameters);
}

/** A run over clouds. */
function open(changes: Readonly<Record<string, number | string>>, count: number, backend: Backend): Promise<Run> {
  return stbp.start({ data: withTestPart(clouds(count)), backend, seed: 2 }, parametersWith(changes));
}

/** All steps of a run that has no folder. */
async function toTheEnd(run: Run): Promise<void> {
  while (!run.finished) await run.step();
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
    configuration: { method: 'stbp', parameters: parametersWith({ encoder }), data: 'csv:clouds.csv', seed: 2, out },
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
    expect((outcome!.evaluation as Evaluation).accuracy).toBeGreaterThan(0.95);
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

  it('leaves what was saved as it was', async () => {
    const run = await open({ encoder: 'direct' }, 90, interpreter);
    await run.step();
    const saved = run.save();
    const before = structuredClone(saved);
    while (run.history.length < 2) await run.step();
    expect(saved).toEqual(before);
    expect(run.save().arrays).not.toEqual(before.arrays);
    await run.close();
  });

  it('does not overwrite a run, and refuses a checkpoint of another net', async () => {
    await trainIn('whole', { stopAfter: 3 });
    await expect(trainIn('whole')).rejects.toThrow(/whole\.run: holds a run; expected another --run, --resume/);
    const run = new RunFolder(join(folder, 'whole.run'));
    const other = await open({ arch: '3-17-3' }, 300, interpreter);
    await expect(run.restore(other)).rejects.toThrow(
      /last\.safetensors: has 48 numbers for "layer1\.weight"; expected 51, as the configuration says/,
    );
  });

  it('that takes the place of another leaves nothing of it', async () => {
    const path = join(folder, 'whole.run');
    const run = new RunFolder(path);
    const configuration = { method: 'stbp', parameters: {}, data: 'x', seed: 1, out: 'x.spike' };
    await run.create(configuration);
    const begun = await readdir(path);
    const old = await open({}, 90, interpreter);
    await run.saveLast({ ...old, save: () => old.save(), picture: { weights: [0, 1], form: [1, 2] } } as Run);
    await run.saveBest(old);
    const score = { loss: 1, accuracy: 0 };
    await run.writeHistory([{ epoch: 1, training: score, validation: score }]);
    await run.writeCard('x', {});
    await run.writeTestSamples(['1,a']);
    expect(await readdir(path)).toHaveLength(8);
    await run.create(configuration, true);
    expect(await readdir(path)).toEqual(begun);
    await old.close();
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
        /last\.safetensors: digest: .*; expected an undamaged file; continues from .*best\.safetensors/,
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
      const run = await open({ epochs: 1 }, 90, backend);
      await toTheEnd(run);
      losses.push(run.history[0]!.training.loss);
      await run.close();
    }
    expect(losses[0]).toBeCloseTo(losses[1]!, 5);
  });

  it.each(['adam', 'sgd'])('that diverges stops and names node and step: %s', async (optimiser) => {
    const run = await open({ optimiser, learningRate: 1e20 }, 300, onnxRuntime(1));
    await expect(toTheEnd(run)).rejects.toThrow(
      /^training step 1: the \w+ of "layer[12]" has a number as large as -?\d\.\de\+\d+; expected a lower --learning/,
    );
    await run.close();
  });

  it('with a loss that refuses the net is refused, and nothing else', async () => {
    const refuse = () => {
      throw new SpikewireError('unsupported', 'the loss', 'does not take it', 'another net');
    };
    const site = { data: withTestPart(clouds(90)), backend: interpreter, seed: 2 };
    const own = { loss: { reads: 'spikes', of: refuse } } as const;
    const opening = trainNet(site, parametersWith() as unknown as TrainNetParameters, own);
    await expect(opening).rejects.toThrow(/^the loss: does not take it; expected another net$/);
  });

  it('with a loss for masks is refused for classes', async () => {
    const opening = open({ neuron: 'relu', steps: 1, loss: 'pixels' }, 90, interpreter);
    await expect(opening).rejects.toThrow(
      /^clouds: has classes for answers; expected masks, or classes and another loss than pixels$/,
    );
  });

  it('of too few samples is refused', async () => {
    const opening = open({}, 20, interpreter);
    await expect(opening).rejects.toThrow('clouds: has 17 samples to learn from; expected 12 of a class at least');
  });

  it('ends early when the validation no longer gets better', async () => {
    const run = await open({ epochs: 50, learningRate: 1e-12, patience: 3 }, 300, onnxRuntime(1));
    await toTheEnd(run);
    expect(run.history.length).toBeLessThan(10);
    await run.close();
  });

  it.each([
    ['a recurrent net of adapting neurons', { arch: '3-R16-3', neuron: 'alif' }],
    ['a residual net with synaptic currents', { arch: '3-16-+16-3', neuron: 'cubalif', tau: 0.003 }],
    [
      'neurons without leak, a mean squared error and plain descent',
      { neuron: 'if', loss: 'count', optimiser: 'sgd', learningRate: 0.3 },
    ],
    ['read-outs that do not spike', { loss: 'membrane' }],
    ['learned time constants and thresholds', { learn: 'tau+threshold' }],
    ['batch norm and dropout', { arch: '3-tdbn-16-drop0.1-bn-3' }],
    ['times of first spikes', { loss: 'spike-time', encoder: 'latency', steps: 12, arch: '3-48-3', epochs: 30 }],
    [
      'wanted spike trains, weights that decay and short gradients',
      { loss: 'van-rossum', optimiser: 'adamw', clip: 0.5 },
    ],
    ['regularisers', { regulariser: 'rate:most=0.2+weights:strength=0.001' }],
    ['another encoder', { encoder: 'latency', steps: 12, arch: '3-48-3', epochs: 30 }],
    ['an encoder with several elements per channel', { arch: '12-16-3', encoder: 'population:fields=4' }],
    ['weights of 4 bits, half of them gone', { bits: '4', prune: 0.5, epochs: 20 }],
    ['rectifiers in one step', { neuron: 'relu', loss: 'membrane', steps: 1 }],
  ])('learns with %s, and the model gives the figure of the run', async (_, changes) => {
    const out = join(folder, 'other.spike');
    const lines: string[] = [];
    const outcome = await train({
      folder: new RunFolder(join(folder, 'other.run')),
      configuration: {
        method: 'stbp',
        parameters: parametersWith({ epochs: 12, ...changes }),
        data: 'csv:x',
        seed: 2,
        out,
      },
      data: clouds(300),
      backend: onnxRuntime(1),
      resume: false,
      warn: (line) => lines.push(line),
    });
    expect(lines.join('\n')).not.toContain('naming always one class');
    expect((outcome!.evaluation as Evaluation).accuracy).toBeGreaterThan(0.9);
    expect(outcome!.best.validation.accuracy).toBeGreaterThan(0.9);
  });

  it.each([1, 100, 1e4])('says once that a learning rate of %d has made the net useless', async (learningRate) => {
    const lines: string[] = [];
    const site = { data: withTestPart(clouds(300)), backend: onnxRuntime(1), seed: 2 };
    const warn = (line: string) => lines.push(line);
    const run = await stbp.start({ ...site, warn }, parametersWith({ encoder: 'direct', learningRate }));
    await toTheEnd(run);
    // What goes on from there has said it already.
    const further = await stbp.start(
      { ...site, warn },
      parametersWith({ encoder: 'direct', learningRate, epochs: 40 }),
    );
    await further.restore(run.save(), '');
    const before = further.history.length;
    while (further.history.length === before) await further.step();
    for (const each of [run, further]) await each.close();
    expect(lines).toEqual([
      expect.stringMatching(
        /^this epoch: the loss is [\d.e+]+ and [\d.]+ % are right, about as many as by naming always one class; before/,
      ),
    ]);
  });

  it('takes up a trained model, and goes on from its weights', async () => {
    const first = await trainIn('whole', { encoder: 'direct' });
    const trained = trainedNet(first.outcome!.model);
    const site = { data: withTestPart(clouds(300)), backend: onnxRuntime(1), seed: 2 };
    const scratch = await stbp.start(site, parametersWith({ encoder: 'direct', epochs: 1 }));
    const further = await stbp.start({ ...site, model: trained }, parametersWith({ epochs: 1 }));
    const again = further.model(further.save());
    for (const [name, { parameters }] of trained.graph.nodes) {
      expect(again.graph.nodes.get(name)!.parameters).toEqual(parameters);
    }
    for (const run of [scratch, further]) await toTheEnd(run);
    expect(further.history[0]!.training.loss).toBeLessThan(0.7 * scratch.history[0]!.training.loss);
    for (const run of [scratch, further]) await run.close();
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

  it('is that of the epoch which is asked for, whichever was before', () => {
    const of = ordersOf(100, 1);
    for (const epoch of [1, 1, 2, 5, 2]) expect(of(epoch)).toEqual(orderOf(100, 1, epoch));
    expect(of(2)).toBe(of(2));
  });
});
