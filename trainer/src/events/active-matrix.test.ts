import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveMatrix } from './active-matrix.ts';
import { EventThreads, Layout } from './event-threads.ts';

/** Small sizes, and sizes around the blocks and groups of the kernels. */
const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 130 }));
const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -8, max: 8 });

const few = fc.integer({ min: 1, max: 9 });
/** Rows of several chunks as well, of which the last may have one row. */
const sizes = fc.oneof(
  fc.record({ rows: size, inputs: size, outputs: size }),
  fc.record({ rows: fc.constantFrom(256, 257, 513, 600), inputs: few, outputs: few }),
);
const product = sizes.chain(({ rows, inputs, outputs }) =>
  fc.record({
    rows: fc.constant(rows),
    inputs: fc.constant(inputs),
    outputs: fc.constant(outputs),
    matrix: array(rows * inputs, fc.oneof(fc.constantFrom(0, 0, 0, 1, -0), number)),
    weights: array(outputs * inputs, number),
    bias: fc.option(array(outputs, number)),
    gradients: array(rows * outputs, number),
    threads: fc.constantFrom(1, 2),
  }),
);

function array(length: number, numbers: fc.Arbitrary<number>): fc.Arbitrary<Float32Array> {
  return fc.array(numbers, { minLength: length, maxLength: length }).map((each) => Float32Array.from(each));
}

describe('products with the active numbers of a matrix', () => {
  it('are the sums of the active products in their order, bit for bit, on one thread or two', async () => {
    await fc.assert(
      fc.asyncProperty(product, async ({ rows, inputs, outputs, matrix, weights, bias, gradients, threads: count }) => {
        const layout = new Layout();
        const active = new ActiveMatrix(layout, rows, inputs);
        active.reserve(outputs);
        const threads = new EventThreads(layout, count);
        const share = active.take(threads, matrix);
        const sums = new Float32Array(rows * outputs);
        active.multiply(threads, weights, bias ?? undefined, sums);
        const ofWeights = new Float32Array(outputs * inputs);
        active.gather(threads, gradients, ofWeights);
        await threads.close();
        expect(share).toBe(matrix.filter((value) => value !== 0).length / matrix.length);
        expect(sums).toEqual(
          Float32Array.from(sums, (_, at) => {
            const [row, output] = [Math.floor(at / outputs), at % outputs];
            return sumOf(inputs, bias?.[output] ?? 0, (i) => [
              matrix[row * inputs + i]!,
              weights[output * inputs + i]!,
            ]);
          }),
        );
        expect(ofWeights).toEqual(
          Float32Array.from(ofWeights, (_, at) => {
            const [output, input] = [Math.floor(at / inputs), at % inputs];
            return sumOf(rows, 0, (r) => [matrix[r * inputs + input]!, gradients[r * outputs + output]!]);
          }),
        );
      }),
      { numRuns: 60 },
    );
  });

  it.each([33, 34, 35, 36])('touch nothing beside the last of %d outputs', async (outputs) => {
    const [rows, inputs] = [5, 2];
    const ones = (length: number) => new Float32Array(length).fill(1);
    const layout = new Layout();
    const active = new ActiveMatrix(layout, rows, inputs);
    active.reserve(outputs);
    const threads = new EventThreads(layout, 1);
    active.take(threads, ones(rows * inputs));
    const [sums, ofWeights] = [new Float32Array(rows * outputs), new Float32Array(outputs * inputs)];
    active.multiply(threads, ones(outputs * inputs), undefined, sums);
    active.gather(threads, ones(rows * outputs), ofWeights);
    await threads.close();
    expect([...new Set(sums)]).toEqual([inputs]);
    expect([...new Set(ofWeights)]).toEqual([rows]);
  });

  it('are of the numbers that were taken last', async () => {
    const layout = new Layout();
    const active = new ActiveMatrix(layout, 2, 2);
    active.reserve(1);
    const threads = new EventThreads(layout, 1);
    const sums = new Float32Array(2);
    for (const [numbers, expected] of [
      [
        [0.5, 0, 0, 2],
        [1.5, 10],
      ],
      [
        [1, 1, 0, 0],
        [8, 0],
      ],
    ] as const) {
      active.take(threads, Float32Array.from(numbers));
      active.multiply(threads, Float32Array.of(3, 5), undefined, sums);
      expect([...sums]).toEqual(expected);
    }
    await threads.close();
  });
});

/** Σ a·b of those whose a is not 0, from `start` on, each product and each sum rounded to float32. */
function sumOf(count: number, start: number, factors: (k: number) => readonly [number, number]): number {
  let sum = start;
  for (let k = 0; k < count; k++) {
    const [a, b] = factors(k);
    if (a !== 0) sum = Math.fround(sum + Math.fround(a * b));
  }
  return sum;
}
