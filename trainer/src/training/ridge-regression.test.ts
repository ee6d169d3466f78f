import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { classOf, RidgeRegression } from './ridge-regression.ts';

it('is where the squared error and its ridge are level', () => {
  const random = new RandomGenerator(1, 'samples');
  const samples = Array.from({ length: 50 }, (_, n) => ({
    x: Float64Array.from({ length: 4 }, (_, i) => (i === n % 4 ? 0 : random.nextNormal() + 2)),
    label: random.nextInteger(3),
  }));
  const readout = new RidgeRegression(4, 3);
  for (const { x, label } of samples) readout.take(x, label);
  const weights = readout.solve();
  const terms = samples.map(({ x }) => [...x, 1]);
  const squares = terms.flat().reduce((sum, value) => sum + value ** 2, 0);
  for (let c = 0; c < 3; c++) {
    const errors = terms.map(
      (row, n) => row.reduce((sum, value, i) => sum + value * weights[c]![i]!, 0) - Number(samples[n]!.label === c),
    );
    for (let i = 0; i < 5; i++) {
      const slope = errors.reduce((sum, error, n) => sum + error * terms[n]![i]!, 0);
      expect(slope + ((1e-4 * squares) / 5) * weights[c]![i]!).toBeCloseTo(0, 9);
    }
  }
});

it('answers with the largest, with the first of equal ones, and with the first before it was taught', () => {
  const rows = [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0), Float64Array.of(0, 0, 2)];
  expect(classOf(rows, Float64Array.of(1, 3))).toBe(1);
  expect(classOf(rows, Float64Array.of(2, 2))).toBe(0);
  expect(classOf(rows, Float64Array.of(1, 0))).toBe(2);
  expect(classOf(new RidgeRegression(2, 3).solve(), Float64Array.of(4, 5))).toBe(0);
});
