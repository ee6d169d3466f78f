import { readFileSync } from 'node:fs';
import { type DataSet, windowsOf } from '@spikewire/engine/data';
import { formats } from '@spikewire/exchange/formats';
import { elementCount, type Model, numbersOf, RandomGenerator, readWith } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { netForSamples } from './net-for-samples.ts';

const onnx = formats.find(({ name }) => name === 'onnx')!;

function read(name: string): Model {
  const bytes = readFileSync(new URL(`../../../test/golden/data/onnx/${name}.onnx`, import.meta.url));
  return readWith(onnx, new Uint8Array(bytes)).model;
}

/** Whole numbers low … high, so many of each class. */
function dataOf(model: Model, low: number, high: number): DataSet {
  const input = [...model.graph.nodes.values()].find(({ type }) => type === 'Input')!;
  const size = elementCount(Array.from(numbersOf(input, 'shape')!.data));
  const random = new RandomGenerator(2, 'units');
  const samples = Array.from({ length: 30 }, () =>
    Float64Array.from({ length: size }, () => low + random.nextInteger(high - low + 1)),
  );
  const classes = Array.from({ length: 5 }, (_, k) => `class ${k}`);
  return { name: 'whole', classes, samples, labels: Int32Array.from(samples, (_, k) => k % 5) };
}

/** What enters the net of a sample, by element. */
function entering(model: Model, sample: ArrayLike<number>): number[] {
  const found = new Array<number>(sample.length).fill(0);
  const { input } = [...windowsOf(model, { samples: [sample] })][0]!;
  for (let k = 0; k < input.length; k++) found[input.index[k]!] = input.value[k]!;
  return found;
}

const model = read('residual-opset11');
const units = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe('a net of an ONNX file gets of samples', () => {
  it.each([
    ['pixels, by channel', 0, 255, units],
    ['pixels, by one number', 0, 255, { scale: 1 / 255 }],
    ['pixels as they are', 0, 255, {}],
    ['numbers of both signs', -7, 9, { std: [2] }],
    ['what is shifted', -7, 9, { mean: [3] }],
  ])('%s: (scale·x − mean)/std', (_, low, high, given) => {
    const data = dataOf(model, low, high);
    const { scale = 1, mean = [0], std = [1] } = given as Partial<typeof units>;
    const at = (list: readonly number[], k: number) => list[list.length === 1 ? 0 : Math.floor(k / 64)]!;
    const fitted = netForSamples(model, data, given);
    for (const sample of data.samples) {
      const wanted = Array.from(sample, (value, k) => (scale * value - at(mean, k)) / at(std, k));
      entering(fitted, sample).forEach((value, k) => void expect(value).toBeCloseTo(wanted[k]!, 12));
    }
  });

  it('a range no wider than they need, from 0 where none is below, so that a rate code can say them', () => {
    const rangeOf = (low: number, high: number, given = {}) => {
      const { encoder } = netForSamples(model, dataOf(model, low, high), given);
      return [...encoder.values()][0]!.parameters;
    };
    expect(rangeOf(0, 200)).toEqual({ range: [0, 256], span: 'unit', gain: 256 });
    expect(rangeOf(0, 255, { scale: 1 / 255 })).toMatchObject({ range: [0, 255], gain: 1 });
    expect(rangeOf(-9, 3)).toEqual({ range: [-16, 16], span: 'signed', gain: 16 });
    expect(rangeOf(0, 0)).toMatchObject({ range: [0, 1] });
  });

  it('no wider a range than the file says', () => {
    const quantised = read('qdq-static-opset21');
    const { parameters } = [...netForSamples(quantised, dataOf(quantised, -9, 9)).encoder.values()][0]!;
    expect(parameters).toMatchObject({ gain: expect.closeTo(128 / 127, 6) });
  });

  it('names for its classes', () => {
    expect(netForSamples(model, dataOf(model, 0, 9)).labels).toEqual(dataOf(model, 0, 9).classes);
    const named = { ...model, labels: ['a', 'b', 'c', 'd', 'e'] };
    expect(netForSamples(named, dataOf(model, 0, 9)).labels).toEqual(named.labels);
  });

  it('numbers for answers where the samples have numbers, which its file does not say', () => {
    const data = dataOf(model, 0, 9);
    const decoderFor = (set: DataSet, net = model) =>
      [...netForSamples(net, set, { scale: 2 }).decoder.values()][0]!.type;
    const numbers = { ...data, classes: [], targets: data.samples.map(() => [0, 1, 2, 3, 4]) };
    expect([decoderFor(data), decoderFor(numbers)]).toEqual(['count', 'linear']);
    expect(decoderFor(numbers, { ...model, provenance: {} })).toBe('count');
  });

  it('units that fit its channels only', () => {
    expect(() => netForSamples(model, dataOf(model, 0, 9), { mean: [1, 2] })).toThrow(
      '--input-mean: has 2 numbers; expected 1 or 3, one per channel',
    );
  });
});
