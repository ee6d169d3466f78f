import type { DataSet } from '@spikewire/engine/data';
import { type Model, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { classes } from './classes.ts';
import { masks } from './masks.ts';
import { baselineOf, figureOf, judge } from './measure.ts';
import { measureOf } from './measure-of.ts';
import { numbers } from './numbers.ts';

/** A net that gives the numbers it gets. */
const identity = (size: number, decoder: string): Model =>
  parseModel({
    nodes: { in: { type: 'Input', shape: [size] }, out: { type: 'Output', shape: [size] } },
    edges: [['in', 'out']],
    encoder: { in: { type: 'direct', range: [-4, 4], gain: 4 } },
    decoder: { out: { type: decoder } },
    sample: { steps: 1, between: 'reset' },
  });

const set = (samples: number[][], wanted: Partial<DataSet>): DataSet => ({
  name: 'rows',
  classes: [],
  samples,
  labels: new Int32Array(samples.length),
  ...wanted,
});

describe('classes', () => {
  const rows = [
    [3, 1, 0],
    [0, 1, 2],
    [0, 3, 2],
    [1, 0, 0],
  ];
  const data = set(rows, { classes: ['a', 'b', 'c'], labels: Int32Array.of(0, 2, 2, 2) });

  it('of rows that features gather count the samples alone', () => {
    const [pending, none] = [-2, -1];
    expect(classes.alike(Int32Array.of(pending, 0, pending, none), Int32Array.of(0, 0, 1, 1))).toBe(1 / 2);
  });

  it('are the share that is right, beside the most frequent class', async () => {
    const found = await judge(classes, identity(3, 'count'), data);
    expect(found).toMatchObject({ worth: 0.5, samples: 4, answers: Int32Array.of(0, 2, 1, 0) });
    expect(baselineOf(classes, data)).toEqual({ name: 'always the most frequent class', worth: 0.75 });
    expect(figureOf('analogue', classes)).toBe('analogueAccuracy');
  });
});

describe('masks', () => {
  const data = set(
    [
      [1, -2, 3, 0],
      [-1, -1, 2, 1],
    ],
    {
      targets: [
        [1, 1, 1, 0],
        [0, 0, 1, 0],
      ],
    },
  );

  it('are the mean overlap of the images: 2 of 3 pixels, and 1 of 2', async () => {
    const found = await judge(masks, identity(4, 'linear'), data);
    expect(found.worth).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
    expect(masks.alike(found.answers, found.answers)).toBe(1);
  });

  it('stand beside the threshold of pixels that is best for the training images', () => {
    const training = { ...set([[0, 1, 2, 4]], { targets: [[0, 0, 1, 1]] }) };
    const { name, worth } = baselineOf(masks, { ...data, training });
    const threshold = Number(/^pixels above (.+)$/.exec(name)![1]);
    expect(threshold).toBeGreaterThanOrEqual(1);
    expect(threshold).toBeLessThan(2);
    // Of the first image one pixel of three, of the second the one.
    expect(worth).toBeCloseTo((1 / 3 + 1) / 2, 12);
  });

  it('stand beside all pixels where that is better, or images have another size', () => {
    const all = { name: 'all pixels', worth: (3 / 4 + 1 / 4) / 2 };
    const noisy = set([[9, 0, 0, 1]], { targets: [[1, 1, 1, 1]] });
    expect(baselineOf(masks, { ...data, training: noisy })).toEqual(all);
    const samples = [[1], [2]];
    expect(baselineOf(masks, { ...data, samples, training: { ...data, samples } })).toEqual(all);
  });
});

describe('numbers', () => {
  const data = set([[1], [2], [3]], { targets: [[1], [1], [4]] });

  it('are the variance that they explain, beside the mean', async () => {
    const found = await judge(numbers, identity(1, 'linear'), data);
    // Errors 0, 1 and 1 beside the differences 1, 1 and 2 from the mean.
    expect(found.worth).toBeCloseTo(1 - 2 / 6, 12);
    expect(baselineOf(numbers, data)).toEqual({ name: 'always the mean', worth: 0 });
    const learned = baselineOf(numbers, { ...data, training: set([[0]], { targets: [[5]] }) });
    expect(learned.worth).toBeCloseTo(1 - (16 + 16 + 1) / 6, 12);
  });

  it('that never change are explained by the same alone', () => {
    expect(numbers.alike([[2], [2]], [[2], [2]])).toBe(1);
    expect(numbers.alike([[2], [3]], [[2], [2]])).toBe(0);
  });
});

it.each([
  ['numbers', numbers, [1, 2, 3, 4]],
  ['masks', masks, [0, 1, 1, 0]],
] as const)('%s of rows that features gather are judged by the samples alone', async (_, measure, row) => {
  const model = identity(2, 'linear');
  const gathering: Model = { ...model, features: new Map([['in', [{ type: 'window', parameters: { length: 2 } }]]]) };
  const targets = [[1, 1], row.slice(0, 2), [1, 1], row.slice(2)];
  const data = set(
    row.map((value) => [value]),
    { targets },
  );
  expect(await judge(measure, gathering, data)).toMatchObject({ samples: 2, worth: 1 });
});

describe('the measure of a net', () => {
  const of = (decoder: string, targets?: number[][]) =>
    measureOf(identity(2, decoder), { name: 'rows', ...(targets && { targets }) });

  it('is that of the answers of the samples', () => {
    expect(of('count')).toBe(classes);
    expect(of('linear', [[0, 1]])).toBe(masks);
    expect(of('linear', [[0, 0.5]])).toBe(numbers);
  });

  it.each([
    ['linear', undefined, 'unsupported', 'the model: answers with numbers; expected a net that names classes'],
    ['count', [[0, 1]], 'unsupported', 'the model: names classes; expected a net that answers with numbers'],
    ['linear', [[0, 1, 1]], 'input', 'rows: has masks of 3 pixels; expected 2, as the net gives'],
    ['linear', [[0, 1], [2]], 'input', 'rows: has answers of 1 numbers; expected 2, as the net gives'],
  ] as const)('%s is refused beside %j', (decoder, targets, code, message) => {
    const wanted = targets?.map((target) => [...target]);
    expect(() => of(decoder, wanted)).toThrow(expect.objectContaining({ code }));
    expect(() => of(decoder, wanted)).toThrow(message);
  });
});
