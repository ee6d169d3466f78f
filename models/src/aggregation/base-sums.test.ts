import { describe, expect, it } from 'vitest';
import { viewsOf } from '../kept-numbers.ts';
import { RandomGenerator } from '../random/generator.ts';
import { leastSquaresReadout } from '../recognition/readouts/least-squares-readout.ts';
import { type LeastSquaresNumbers, readoutOfSums, sumsOfReadout, weighed } from './base-sums.ts';
import { samplesOf, sumsOf } from './samples.test-data.ts';
import { solve } from './solve.ts';
import { rowOf } from './triangle.ts';

const [INPUTS, CLASSES, MOST] = [7, 3, 5];

function learned(count: number) {
  const random = new RandomGenerator(1, 'lessons');
  const samples = samplesOf(count, INPUTS, CLASSES, random);
  const readout = leastSquaresReadout(INPUTS, MOST, 0.05);
  const scores = new Float64Array(MOST);
  for (const { x, label } of samples) {
    readout.score(readout.weights, x, CLASSES, scores);
    readout.learn(x, scores, { label, classes: CLASSES, weight: 1 });
  }
  const { upper, diagonal, weights, samples: weighs } = viewsOf(readout.state);
  return { samples, numbers: { upper, diagonal, weights, samples: weighs![0]! } as LeastSquaresNumbers };
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);

describe('sums of a read-out', () => {
  const { samples, numbers } = learned(60);
  const sums = sumsOfReadout(numbers, CLASSES);
  const truth = sumsOf(samples, INPUTS, CLASSES);

  it('are those of its samples, and the ridge of 1', () => {
    const ridged = truth.products.slice();
    for (let i = 0; i < INPUTS; i++) ridged[rowOf(i, INPUTS) + i]! += 1;
    expect(largestDifference(sums.products, ridged)).toBeLessThan(1e-3);
    expect(largestDifference(sums.targets, truth.targets)).toBeLessThan(1e-3);
    expect(sums.samples).toBe(60);
  });

  it('give the read-out back', () => {
    const back = readoutOfSums(sums, MOST);
    expect(back.samples).toBe(60);
    for (const name of ['upper', 'diagonal', 'weights'] as const) {
      expect(back[name]).toHaveLength(numbers[name].length);
      expect(largestDifference(back[name], numbers[name])).toBeLessThan(1e-5);
    }
  });

  it('weigh what they are told to, with the same weights', () => {
    const light = weighed(sums, 15);
    expect(light.samples).toBe(15);
    expect(light.products[0]).toBeCloseTo(sums.products[0]! / 4, 10);
    const weights = solve(light.products, light.targets, INPUTS, CLASSES);
    expect(largestDifference(weights, sums.weights)).toBeLessThan(1e-9);
  });
});

it('sums that are not positive definite have no solution', () => {
  expect(() => solve(Float64Array.of(1, 2, 1), Float64Array.of(1, 1), 2, 1)).toThrow(
    /^aggregation: .+ positive definite$/,
  );
});
