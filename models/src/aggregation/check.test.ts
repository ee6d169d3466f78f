import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { problemOfSums } from './check.ts';
import { limitsFor, samplesOf, sumsOf } from './samples.test-data.ts';
import type { Sums } from './sums.ts';
import { rowOf } from './triangle.ts';

const [INPUTS, CLASSES] = [6, 3];
const limits = limitsFor(INPUTS, 50);
const honest = sumsOf(samplesOf(40, INPUTS, CLASSES, new RandomGenerator(3, 'honest')), INPUTS, CLASSES);

/** A copy of the honest sums, changed. */
function changed(change: (sums: { samples: number; products: Float64Array; targets: Float64Array }) => void): Sums {
  const copy = { ...honest, products: honest.products.slice(), targets: honest.targets.slice() };
  change(copy);
  return copy;
}

describe('sums of real samples', () => {
  it('pass, whatever the samples are, and in single precision too', () => {
    const sample = fc.record({
      x: fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: INPUTS - 1, maxLength: INPUTS - 1 }),
      label: fc.nat(CLASSES - 1),
    });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 2, maxLength: 50 }), (samples) => {
        const sums = sumsOf(
          samples.map(({ x, label }) => ({ x: Float64Array.of(1, ...x), label })),
          INPUTS,
          CLASSES,
        );
        const rounded = (numbers: Float64Array) => Float64Array.from(Float32Array.from(numbers));
        const single = { ...sums, products: rounded(sums.products), targets: rounded(sums.targets) };
        expect([problemOfSums(sums, limits), problemOfSums(single, limits)]).toEqual([undefined, undefined]);
      }),
    );
  });
});

describe('sums that no real samples have are refused', () => {
  const square = (i: number) => rowOf(i, INPUTS) + i;
  const cases: readonly (readonly [string, Sums, RegExp])[] = [
    ['of another width', { ...honest, inputs: 5 }, /5 inputs instead of 6/],
    ['with too few numbers', { ...honest, products: honest.products.slice(1) }, /another shape/],
    ['with NaN', changed(({ products }) => products.fill(Number.NaN, 3, 4)), /not finite/],
    ['of too many samples', changed((sums) => (sums.samples = 51)), /51 samples instead of 2 to 50/],
    ['of one sample', changed((sums) => (sums.samples = 1)), /1 samples/],
    ['of half a sample', changed((sums) => (sums.samples = 39.5)), /39.5 samples/],
    ['with another count in the products', changed(({ products }) => (products[0]! += 1)), /counts its samples/],
    [
      'with a class of less than none',
      changed(({ targets }) => ([targets[0], targets[1]] = [targets[0]! + targets[1]! + 1, -1])),
      /counts its samples/,
    ],
    ['with signs turned', changed(({ targets }) => targets.set(targets.map((v) => -v))), /counts its samples/],
    ['ten times as large', { ...honest, samples: 400 }, /400 samples/],
    [
      'with a class beyond the range',
      changed(({ targets }) => (targets[CLASSES] = targets[0]! * 4.1)),
      /beyond the range of input 1/,
    ],
    [
      'with samples that have no label',
      changed(({ targets }) => (targets[CLASSES]! += 0.5)),
      /input 1 without a label/,
    ],
    ['with a negative square', changed(({ products }) => (products[square(2)] = -1)), /range of input 2/],
    [
      'with a square beyond the range',
      changed(({ products }) => (products[square(2)] = 40 * 16.1)),
      /range of input 2/,
    ],
    [
      'with a product beyond its squares',
      changed(({ products }) => (products[rowOf(1, INPUTS) + 2] = 200)),
      /inputs 1 and 2 beyond/,
    ],
    [
      'with means beyond what the squares allow',
      changed(({ products }) => (products[square(1)]! *= 0.1)),
      /beyond (its|their) squares/,
    ],
  ];
  it.each(cases)('%s', (_, sums, problem) => expect(problemOfSums(sums, limits)).toMatch(problem));

  it('whose pairs are possible, but not all together', () => {
    const bent = changed(({ products }) => {
      for (const [i, j, sign] of [
        [1, 2, 1],
        [2, 3, 1],
        [1, 3, -1],
      ] as const) {
        products[rowOf(i, INPUTS) + j] = 0.9 * sign * Math.sqrt(products[square(i)]! * products[square(j)]!);
      }
    });
    expect(problemOfSums(bent, limits)).toBe('has sums that no samples have');
  });

  it('whose classes lie farther apart than the squares allow', () => {
    // Sums of each input by class stay possible one by one, and add up as before.
    const apart = changed(({ targets, products }) => {
      for (let i = 1; i < INPUTS; i++) {
        const deviation = Math.sqrt(products[square(i)]! / 40);
        for (let c = 0; c < CLASSES; c++) targets[i * CLASSES + c] = 0;
        targets[i * CLASSES] = 0.9 * deviation * targets[0]!;
        targets[i * CLASSES + 1] = products[i]! - targets[i * CLASSES]!;
      }
    });
    expect(problemOfSums(apart, limits)).toBe('has sums that no samples have');
  });
});
