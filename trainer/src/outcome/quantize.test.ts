import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineNamed } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { type Model, readModel } from '@spikewire/models';
import { evaluate } from 'spikewire/data';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { images, maxima, samplesFor, twoLayers } from '../conversion/nets.test-data.ts';
import { quantizeModel } from './quantize.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-quantize-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What the net itself says of samples. */
async function answered(model: Model, count: number) {
  const samples = samplesFor(model, count);
  const labels = new Int32Array(count);
  const set = { name: 'answered', classes: model.labels, samples, labels };
  await evaluate(model, new InProcessExecutor(engineNamed('reference'), model), set, {
    onAnswer(index, answer) {
      labels[index] = answer;
    },
  });
  return { ...set, training: { samples, labels } };
}

it.each([
  ['dense layers', twoLayers, 0.97],
  ['convolutions and means', images, 0.97],
  ['convolutions and maxima', maxima, 0.97],
])('an analogue net of %s answers in whole numbers as in real ones', async (_, model, share) => {
  const data = await answered(model, 200);
  for (const membraneBits of [32, 16] as const) {
    const out = join(folder, `net${membraneBits}.spike`);
    const { comparison } = await quantizeModel(model, { bits: 8, membraneBits, data, out });
    expect(comparison!.float.worth).toBe(1);
    expect(comparison!.integer.worth).toBeGreaterThanOrEqual(share);
    expect(readModel(await readFile(out)).quantization!.neurons.get('first')!.handOn).toBeGreaterThan(0);
  }
});

it('what is in one piece is judged by the fifth of it that ranges do not come from', async () => {
  const { training, ...data } = await answered(twoLayers, 200);
  const out = join(folder, 'net.spike');
  const { comparison } = await quantizeModel(twoLayers, { bits: 8, membraneBits: 32, data, out });
  expect(comparison!.integer.samples).toBeGreaterThanOrEqual(training.samples.length / 5 - data.classes.length);
  expect(comparison!.integer.samples).toBeLessThanOrEqual(training.samples.length / 5);
  expect(readModel(await readFile(out)).provenance.testSamples).toBe(comparison!.integer.samples);
});

it.each([
  ['dense layers', twoLayers],
  ['convolutions and means', images],
  ['convolutions and maxima', maxima],
])('an analogue net of %s does without samples, where one line says which ranges are assumed', async (_, model) => {
  const lines: string[] = [];
  const out = join(folder, 'net.spike');
  await quantizeModel(model, { bits: 8, membraneBits: 32, out, warn: (line) => lines.push(line) });
  expect(lines.at(-1)).toMatch(/^read-out "out\.sum" has no calibrated range: ±.* is assumed$/);
  const integer = readModel(await readFile(out));
  const executor = new InProcessExecutor(engineNamed('clocked'), integer);
  // Ranges that came of ranges, layer after layer, gave 0.94, 0.04 and 0.04.
  expect((await evaluate(integer, executor, await answered(model, 200))).accuracy).toBeGreaterThanOrEqual(0.9);
});
