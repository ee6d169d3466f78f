import { describe, expect, it } from 'vitest';
import { holdOut } from '../samples/hold-out.ts';
import { withTestPart } from '../samples/test-part.ts';
import { readIdx } from './idx.ts';
import { dataSources } from './index.ts';

const load = (name: string) => dataSources.find((source) => source.name === name)!.load(undefined);

describe('data sets', () => {
  it('mnist: 60,000 digits to learn and 10,000 to test, bytes of 28×28', async () => {
    const { samples, labels, training, classes, shape } = await load('mnist');
    expect([samples.length, labels.length, training!.samples.length, training!.labels.length]).toEqual([
      10_000, 10_000, 60_000, 60_000,
    ]);
    expect([samples[0]!.length, classes.length, shape]).toEqual([784, 10, [1, 28, 28]]);
    // The first test digits, as everyone knows them, and the mean pixel of the training part, 0.1307.
    expect(Array.from(labels.subarray(0, 10))).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    let sum = 0;
    for (const sample of training!.samples) for (let i = 0; i < 784; i++) sum += sample[i]!;
    expect(sum / 255 / 784 / 60_000).toBeCloseTo(0.1307, 4);
  });

  it.each([
    ['digits', 1797, 64, 10],
    ['iris', 150, 4, 3],
    // 16 of 699 rows are incomplete.
    ['breast-cancer', 683, 9, 2],
  ])('%s: %i samples of %i numbers in %i classes, a fifth for tests', async (name, count, size, classCount) => {
    const { samples, training, classes } = await load(name);
    expect(samples.length + training!.samples.length).toBe(count);
    expect(samples.length / count).toBeCloseTo(0.2, 1);
    expect([samples[0]!.length, classes.length]).toEqual([size, classCount]);
  });
});

describe('holding out', () => {
  it('takes every n-th of each class and loses none', () => {
    const labels = Int32Array.of(0, 1, 0, 1, 1, 0, 1, 0, 0, 1);
    const samples = Array.from(labels, (_, k) => [k]);
    const { rest: kept, heldOut: held } = holdOut({ samples, labels }, 3);
    expect(held.samples).toEqual([[4], [5]]);
    expect(Array.from(held.labels)).toEqual([1, 0]);
    expect(kept.samples).toHaveLength(8);
  });
});

it('refuses a set that is too small for a test part', () => {
  const rows = (count: number) => {
    const labels = Int32Array.from({ length: count }, (_, k) => k % 2);
    return { name: 'rows', classes: ['a', 'b'], labels, samples: Array.from(labels, (label) => [label]) };
  };
  const line =
    'rows: has 8 samples, too few to keep some for the test; expected at least 5 samples of each class, every fifth of which is for the test';
  expect(() => withTestPart(rows(8))).toThrow(line);
  expect(withTestPart(rows(9)).samples).toEqual([[0]]);
});

describe('IDX files', () => {
  const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);

  it('are read', () => {
    expect(readIdx('file', file)).toEqual({ shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  });

  it.each([
    [file.subarray(0, 17), /has 5 elements; expected 6 for \[2, 3\]/],
    [file.subarray(0, 9), /ends within its header/],
    [Uint8Array.of(0, 0, 9, 1), /is not an IDX file of unsigned bytes/],
  ])('%# that are damaged are refused', (bytes, line) => {
    expect(() => readIdx('file', bytes)).toThrow(line);
  });
});
