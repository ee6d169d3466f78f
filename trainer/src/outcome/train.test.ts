import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelledSamples } from '@spikewire/engine/data';
import { readParameters } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { shapes } from '../data/shapes.ts';
import { named } from '../kinds/kind.ts';
import { methods } from '../methods/methods.ts';
import { RunFolder } from './run-folder.ts';
import { train } from './train.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-train-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Given = Readonly<Record<string, number | string>>;

/** What is said of a training on clouds. */
async function saidOf(method: string, given: Given): Promise<string[]> {
  const lines: string[] = [];
  await train({
    folder: new RunFolder(join(folder, 'net.run')),
    configuration: {
      method,
      parameters: readParameters(method, given, named('method', methods, method).parameters),
      data: 'csv:clouds.csv',
      seed: 2,
      out: join(folder, 'net.spike'),
    },
    data: clouds(300),
    backend: onnxRuntime(1),
    resume: false,
    overwrite: true,
    warn: (line) => lines.push(line),
  });
  return lines;
}

it('names the overlap of masks in metrics, curves, card and outcome', async () => {
  const whole = await shapes.load(undefined);
  const first = (count: number, { samples, labels, targets }: LabelledSamples) => ({
    samples: samples.slice(0, count),
    labels: labels.slice(0, count),
    targets: targets!.slice(0, count),
  });
  const shown: (string | undefined)[] = [];
  const given = { arch: '2C3=-1C1=', neuron: 'relu', loss: 'pixels', steps: 1, epochs: 2, batch: 16 };
  const outcome = await train({
    folder: new RunFolder(join(folder, 'net.run')),
    configuration: {
      method: 'stbp',
      parameters: readParameters('stbp', given, named('method', methods, 'stbp').parameters),
      data: 'shapes',
      seed: 2,
      out: join(folder, 'net.spike'),
    },
    data: {
      ...whole,
      ...first(16, whole),
      training: first(64, whole.training!),
      validation: first(16, whole.validation!),
    },
    backend: onnxRuntime(1),
    resume: false,
    onEpoch: (_, { scoreName }) => shown.push(scoreName),
  });
  const read = (name: string) => readFile(join(folder, 'net.run', name), 'utf8');
  const { training, validation } = JSON.parse((await read('metrics.jsonl')).trim().split('\n').at(-1)!);
  for (const score of [training, validation]) expect(Object.keys(score)).toEqual(['loss', 'overlap']);
  expect(await read('curves.svg')).toContain('>overlap</text>');
  const card = await read('card.md');
  expect(card).toMatch(/\| validationOverlap \| [\d.]+ \|/);
  expect(card).not.toContain('ccuracy');
  expect(outcome!.model.provenance.validationOverlap).toBe(outcome!.best.validation.accuracy);
  expect([...shown, outcome!.scoreName]).toEqual(['overlap', 'overlap', 'overlap']);
});

it.each<[string, number, Given]>([
  ['bp-stdp', 10, { arch: '3-24-3', batch: 8, learningRate: 0.02, epochs: 4 }],
  ['spikeprop', 100, { epochs: 2 }],
])(
  'a net of %s that a learning rate of %d has made useless is called so, and no other',
  async (method, rate, given) => {
    const useless = /^the net names (no class|"[abc]") for each of 60 test samples; expected a lower --learning-rate/;
    expect(await saidOf(method, { ...given, learningRate: rate })).toContainEqual(expect.stringMatching(useless));
    expect((await saidOf(method, given)).join('\n')).not.toMatch(useless);
  },
);
