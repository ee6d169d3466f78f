import { readFileSync } from 'node:fs';
import { formats } from '@spikewire/exchange/formats';
import { elementCount, type Model, numbersOf, RandomGenerator, readWith } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { goldenFiles } from './data.ts';
import { answersOf, answersOfRuntime, largestError } from './onnx-answers.ts';

const onnx = formats.find(({ name }) => name === 'onnx')!;
const fileNamed = (name: string) => new Uint8Array(readFileSync(new URL(`data/onnx/${name}`, import.meta.url)));
const SAMPLES = 20;

const softmax = (values: readonly number[]) => {
  const powers = values.map((value) => Math.exp(value));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

const shapeOf = (model: Model) =>
  Array.from(numbersOf([...model.graph.nodes.values()].find(({ type }) => type === 'Input')!, 'shape')!.data);

const samplesOf = (size: number, largest: number) => {
  const random = new RandomGenerator(5, 'samples of ONNX files');
  return Array.from({ length: SAMPLES }, () =>
    Float64Array.from({ length: size }, () => Math.fround(largest * (2 * random.nextUniform() - 1))),
  );
};

/** [channels, height, width] of what has its channels last. */
const channelsFirst = (sample: Float64Array, channels: number) => {
  const pixels = sample.length / channels;
  return Float64Array.from(sample, (_, k) => sample[(k % pixels) * channels + Math.floor(k / pixels)]!);
};

/** Shape of a sample in the file where it is not that of the model. */
const LAST: Readonly<Record<string, number[]>> = {
  'nhwc-opset18.onnx': [8, 8, 3],
  'keras-nhwc-opset15.onnx': [9, 9, 2],
  'keras-row-opset12.onnx': [20, 1],
};

const logistic = (values: readonly number[]) => values.map((value) => 1 / (1 + Math.exp(-value)));
const same = (values: readonly number[]) => values;

/** What of a net's numbers a file answers, where it ends with that. */
function answerOf(name: string): (values: readonly number[]) => readonly number[] {
  if (/residual|sklearn|keras-nhwc/.test(name)) return softmax;
  // Of one probability, two classes: the second is that of the file.
  if (name.startsWith('mobile')) return ([, second]) => logistic([second!]);
  return name.startsWith('unet') ? logistic : same;
}

const isRounded = (name: string) => /^(static-)?qdq[^.]*\.onnx$/.test(name);

describe.each(goldenFiles('onnx').filter((name) => !isRounded(name)))('%s', (name) => {
  it('answers as in ONNX Runtime', async () => {
    const bytes = fileNamed(name);
    const { model } = readWith(onnx, bytes);
    const samples = samplesOf(elementCount(shapeOf(model)), 2);
    const own = answersOf(
      model,
      samples.map((sample) => (LAST[name] === undefined ? sample : channelsFirst(sample, LAST[name].at(-1)!))),
    );
    const theirs = await answersOfRuntime(bytes, LAST[name] ?? shapeOf(model), samples);
    expect(Math.max(...theirs.flat().map(Math.abs))).toBeGreaterThan(0.1);
    expect(largestError(own.map(answerOf(name)), theirs)).toBeLessThan(1e-5);
  });
});

describe.each(goldenFiles('onnx').filter(isRounded))('%s', (name) => {
  it('answers as the same net without rounding between layers, and nearly as the file in ONNX Runtime', async () => {
    const bytes = fileNamed(name);
    const { model, notes } = readWith(onnx, bytes);
    expect(notes).toEqual(['activations are not rounded as the file says; of their ranges, those from 0 clip']);
    const samples = samplesOf(elementCount(shapeOf(model)), 1);
    const own = answersOf(model, samples);
    const twin = name.replace('.onnx', '.float.onnx');
    if (goldenFiles('onnx').includes(twin)) {
      expect(largestError(own, await answersOfRuntime(fileNamed(twin), shapeOf(model), samples))).toBeLessThan(1e-5);
    }
    const rounded = await answersOfRuntime(bytes, shapeOf(model), samples);
    const largest = Math.max(...rounded.flat().map(Math.abs));
    expect(largestError(own, rounded)).toBeLessThan(0.02 * largest);
  });
});
