import { expect, it } from 'vitest';
import { Experts } from './experts.ts';

it('weighs experts by their discounted losses, and gives one without a say none', () => {
  const experts = new Experts(3);
  experts.begin([0, 1, Number.POSITIVE_INFINITY]);
  const said = Float64Array.of(0.9, 0.1, 0.2, 0.8, 0, 1);
  const mixed = new Float64Array(2);
  experts.mix(said, mixed);
  const [a, b] = [1, Math.exp(-0.5)];
  expect(mixed[0]).toBeCloseTo((a * 0.9 + b * 0.2) / (a + b), 12);
  experts.learn(1, said, 2);
  experts.learn(0, said, 2);
  const first = 0.98 * -Math.log(0.1) - Math.log(0.9);
  const second = 0.98 * (0.98 * 1 - Math.log(0.8)) - Math.log(0.2);
  expect(Array.from(experts.losses.subarray(0, 2))).toEqual([expect.closeTo(first, 12), expect.closeTo(second, 12)]);
  experts.mix(said, mixed);
  const [c, d] = [Math.exp(-first / 2), Math.exp(-second / 2)];
  expect(mixed[0]).toBeCloseTo((c * 0.9 + d * 0.2) / (c + d), 12);
});

it('follows the better expert within a few labels, and the other one when that becomes better', () => {
  const experts = new Experts(2);
  experts.begin([0, 0]);
  const good = (first: number) => Float64Array.of(first, 1 - first, 1 - first, first);
  const mixed = new Float64Array(2);
  for (let k = 0; k < 10; k++) experts.learn(0, good(0.9), 2);
  experts.mix(good(0.9), mixed);
  expect(mixed[0]).toBeGreaterThan(0.89);
  for (let k = 0; k < 60; k++) experts.learn(1, good(0.9), 2);
  experts.mix(good(0.9), mixed);
  expect(mixed[0]).toBeLessThan(0.11);
});
