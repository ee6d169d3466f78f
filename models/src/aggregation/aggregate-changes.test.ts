import { expect, it } from 'vitest';
import { aggregateChanges } from './aggregate-changes.ts';
import type { WeightChange } from './weight-change.ts';

const base = { inputs: 2, classes: 1, weights: Float64Array.of(10, 20) };
const part = (samples: number, ...change: number[]): WeightChange => ({
  inputs: 2,
  classes: 1,
  samples,
  change: Float64Array.from(change),
});
const parts = [part(1, 1, 0), part(3, 2, 1), part(1, 3, 2), part(1, 2, 1), part(1, 900, -900)];

it.each([
  ['fedavg', [10 + 912 / 7, 20 - 894 / 7]],
  ['median', [12, 21]],
  ['trimmed', [10 + 7 / 3, 20 + 2 / 3]],
  ['multi-krum', [12, 21]],
] as const)('%s is added to the weights of the base', (method, weights) => {
  const options = { method, mostSamples: 10, malicious: method === 'multi-krum' ? 0.2 : 0.3 };
  const result = aggregateChanges(base, parts, options);
  for (const [k, weight] of weights.entries()) expect(result.weights[k]).toBeCloseTo(weight, 10);
  const isKrum = method === 'multi-krum';
  expect(result.taken).toEqual(isKrum ? [0, 1, 2, 3] : [0, 1, 2, 3, 4]);
  expect(result.leftOut).toEqual(isKrum ? [{ part: 4, reason: 'is far from most others' }] : []);
});

it('leaves out what does not fit, and says why', () => {
  const odd = [part(1, 1, 1), part(11, 1, 1), part(0.5, 1, 1), part(1, 1), part(1, Number.NaN, 1)];
  const { taken, leftOut, weights } = aggregateChanges(base, odd, { method: 'median', mostSamples: 10 });
  expect(taken).toEqual([0]);
  expect(weights).toEqual(Float64Array.of(11, 21));
  expect(leftOut.map(({ reason }) => reason)).toEqual([
    'has 11 samples instead of 1 to 10',
    'has 0.5 samples instead of 1 to 10',
    'is a change of weights of another shape',
    'has changes that are not finite',
  ]);
  expect(aggregateChanges(base, [], { method: 'median', mostSamples: 10 }).weights).toEqual(base.weights);
});
