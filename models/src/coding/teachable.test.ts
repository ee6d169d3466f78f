import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from '../nef/cholesky.ts';
import { RandomGenerator } from '../random/generator.ts';
import type { Decoder } from './decoder.ts';
import { teachable } from './teachable.ts';

const NEURONS = 12;
const CLASSES = ['still', 'slow', 'fast'];

/** Windows of three classes: each neuron has a rate of its own for each. */
function* windows(seed: number, count: number) {
  const random = new RandomGenerator(seed, 'windows');
  const own = new RandomGenerator(1, 'rates');
  const rates = CLASSES.map(() => Array.from({ length: NEURONS }, () => 10 + 4 * own.nextUniform()));
  for (let k = 0; k < count; k++) {
    const label = random.nextInteger(CLASSES.length);
    const counts = Uint8Array.from(rates[label]!, (rate) => Math.max(0, rate + 4 * random.nextNormal()));
    yield { counts, label };
  }
}

function prepare(parameters = {}, labels: readonly string[] = CLASSES, size = NEURONS): Decoder {
  const random = new RandomGenerator(1, 'decoder');
  return teachable.prepare(parameters, { size, steps: 32, dt: 0.001, labels, random });
}

/** One-hot ridge regression on standardised counts, weights [class][1 + neuron], in one piece. */
function batchRidge(samples: readonly { counts: Uint8Array; label: number }[], ridgeOf: number) {
  const n = NEURONS + 1;
  const mean = Array.from(
    { length: NEURONS },
    (_, i) => samples.reduce((s, { counts }) => s + counts[i]!, 0) / samples.length,
  );
  const unit = mean.map(
    (m, i) => Math.sqrt(samples.reduce((s, { counts }) => s + (counts[i]! - m) ** 2, 0) / samples.length) + 0.3,
  );
  const xOf = (counts: Uint8Array) => [1, ...mean.map((m, i) => (counts[i]! - m) / unit[i]!)];
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n * CLASSES.length);
  for (let i = 0; i < n; i++) normal[i * n + i] = ridgeOf;
  for (const { counts, label } of samples) {
    const x = xOf(counts);
    for (let i = 0; i < n; i++) {
      right[i * CLASSES.length + label]! += x[i]!;
      for (let k = 0; k < n; k++) normal[i * n + k]! += x[i]! * x[k]!;
    }
  }
  expect(solvePositiveDefinite(normal, right, n, CLASSES.length)).toBe(true);
  return (counts: Uint8Array) =>
    CLASSES.map((_, c) => xOf(counts).reduce((sum, x, i) => sum + x * right[i * CLASSES.length + c]!, 0));
}

const softmax = (scores: readonly number[]) => {
  const e = scores.map((score) => Math.exp(6 * score));
  return e.map((each) => each / e.reduce((sum, other) => sum + other));
};

describe('teachable', () => {
  it('has after n lessons the answers of the batch ridge regression', () => {
    const decoder = prepare({ ridge: 0.1 });
    const samples = [...windows(1, 200)];
    for (const { counts, label } of samples) {
      decoder.teachable!.decodeCounts(counts);
      decoder.teachable!.teach(counts, CLASSES[label]!);
    }
    decoder.teachable!.settle();
    const scoresOf = batchRidge(samples, 0.1 * 200);
    for (const { counts } of windows(2, 50)) {
      const { values } = decoder.teachable!.decodeCounts(counts);
      for (const [c, p] of softmax(scoresOf(counts)).entries()) expect(Math.abs(values[c]! - p)).toBeLessThan(0.02);
    }
  });
});
