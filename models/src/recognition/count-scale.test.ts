import { expect, it } from 'vitest';
import { CountScale } from './count-scale.ts';

/** A scale that has seen these counts of one neuron and is settled. */
function settled(counts: readonly number[]): CountScale {
  const scale = new CountScale(1);
  for (const count of counts) scale.observe([count], 0);
  scale.settle();
  scale.takeOver(new Float64Array(2), new Float64Array(2));
  return scale;
}

const applied = (scale: CountScale, count: number) => {
  const x = new Float64Array(2);
  scale.apply([count], 0, x);
  return x[1]!;
};

it('divides by the deviation and three tenths of a spike', () => {
  const scale = settled([2, 4, 6, 8]);
  expect(applied(scale, 9)).toBeCloseTo(4 / (Math.sqrt(5) + 0.3), 6);
  const constant = settled([3, 3, 3]);
  expect(applied(constant, 4)).toBeCloseTo(1 / 0.3, 5);
});

it('leans to a deviation of 4 spikes in four windows until it is settled', () => {
  const scale = new CountScale(1);
  for (const count of [2, 4, 6, 8]) scale.observe([count], 0);
  scale.takeOver(new Float64Array(2), new Float64Array(2));
  expect(applied(scale, 9)).toBeCloseTo(4 / (Math.sqrt((4 * 5 + 4 * 16) / 8) + 0.3), 6);
});
