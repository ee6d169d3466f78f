import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from '../../nef/cholesky.ts';
import { RandomGenerator } from '../../random/generator.ts';
import { leastSquaresReadout } from './least-squares-readout.ts';
import { factorsFor, rescaleCovariance, takeSample, varianceAlong } from './recursive-least-squares.ts';

const INPUTS = 9;
const CLASSES = 3;
/** `SPIKEWIRE_LESSONS=1000000` tries a million. */
const LESSONS = Number(process.env.SPIKEWIRE_LESSONS ?? 100_000);

function* lessons(seed: number, count: number) {
  const random = new RandomGenerator(seed, 'lessons');
  for (let k = 0; k < count; k++) {
    const label = random.nextInteger(CLASSES);
    const x = Float64Array.from({ length: INPUTS }, (_, i) =>
      i === 0 ? 1 : random.nextNormal() + (i % 3 === label ? 1 : 0),
    );
    yield { x, label, weight: 0.2 + 3 * random.nextUniform() };
  }
}

function teach(readout: ReturnType<typeof leastSquaresReadout>, x: Float64Array, label: number, weight: number): void {
  const scores = new Float64Array(CLASSES);
  readout.score(readout.weights, x, CLASSES, scores);
  readout.learn(x, scores, { label, classes: CLASSES, weight });
}

/** Weights [class][input] of the weighted ridge regression on one-hot targets, in one piece. */
function batch(samples: Iterable<{ x: Float64Array; label: number; weight: number }>, ridge: number): Float64Array {
  const normal = new Float64Array(INPUTS * INPUTS);
  const right = new Float64Array(INPUTS * CLASSES);
  for (let i = 0; i < INPUTS; i++) normal[i * INPUTS + i] = ridge;
  for (const { x, label, weight } of samples) {
    for (let i = 0; i < INPUTS; i++) {
      right[i * CLASSES + label]! += weight * x[i]!;
      for (let k = 0; k < INPUTS; k++) normal[i * INPUTS + k]! += weight * x[i]! * x[k]!;
    }
  }
  expect(solvePositiveDefinite(normal, right, INPUTS, CLASSES)).toBe(true);
  return Float64Array.from(
    { length: INPUTS * CLASSES },
    (_, k) => right[(k % INPUTS) * CLASSES + Math.floor(k / INPUTS)]!,
  );
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!)), 0);
}

describe('the read-out by least squares', () => {
  describe('on another base', () => {
    const taught = (...parts: readonly Iterable<{ x: Float64Array; label: number; weight: number }>[]) => {
      const readout = leastSquaresReadout(INPUTS, CLASSES, 0.05);
      for (const part of parts) for (const { x, label, weight } of part) teach(readout, x, label, weight);
      return readout;
    };
    const [base, own, lessonsSince] = [lessons(1, 60), lessons(2, 80), lessons(3, 40)].map((each) => [...each]);

    it('has the weights of the batch regression on that base and the lessons since, and goes on so', () => {
      const next = taught(own!);
      expect(next.rebase!(taught(base!, lessonsSince!), taught(base!), CLASSES)).toBeUndefined();
      expect(distance(next.weights, batch([...own!, ...lessonsSince!], 1))).toBeLessThan(1e-4);
      const more = [...lessons(4, 50)];
      for (const { x, label, weight } of more) teach(next, x, label, weight);
      expect(distance(next.weights, batch([...own!, ...lessonsSince!, ...more], 1))).toBeLessThan(1e-4);
      const together = taught(own!, lessonsSince!, more);
      for (const { x } of own!) expect(next.strangeness(x)).toBeCloseTo(together.strangeness(x), 3);
    });

    it('is that base where nothing was learned since', () => {
      const next = taught(own!);
      const before = next.weights.slice();
      expect(next.rebase!(taught(base!), taught(base!), CLASSES)).toBeUndefined();
      expect(distance(next.weights, before)).toBeLessThan(1e-6);
    });

    it('takes nothing where lessons have lost weight, and stays as it is', () => {
      for (const most of [10, 50]) {
        const learned = taught(base!);
        learned.weighAtMost(most);
        for (const { x, label, weight } of lessonsSince!) teach(learned, x, label, weight);
        const next = taught(own!);
        const before = Object.values(next.state).map(({ view }) => view.slice());
        expect(next.rebase!(learned, taught(base!), CLASSES)).toBe('forgotten');
        expect(Object.values(next.state).map(({ view }) => view)).toEqual(before);
      }
    });
  });

  it('has the weights of the weighted batch ridge regression', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 150 }), (seed, count) => {
        const readout = leastSquaresReadout(INPUTS, CLASSES, 0.05);
        for (const { x, label, weight } of lessons(seed, count)) teach(readout, x, label, weight);
        expect(distance(readout.weights, batch(lessons(seed, count), 1))).toBeLessThan(1e-4);
      }),
      { numRuns: 40 },
    );
  });

  it('settled has a ridge more for each lesson, and what comes then counts as if the base were 50 samples', () => {
    const [first, later] = [[...lessons(3, 200)].map((lesson) => ({ ...lesson, weight: 1 })), [...lessons(4, 30)]];
    const readout = leastSquaresReadout(INPUTS, CLASSES, 0.05);
    for (const { x, label } of first) teach(readout, x, label, 1);
    readout.settle(200);
    expect(distance(readout.weights, batch(first, 1 + 0.05 * 200))).toBeLessThan(1e-4);
    for (const { x, label } of later) teach(readout, x, label, 1);
    const together = [
      ...first.map((lesson) => ({ ...lesson, weight: 50 / 200 })),
      ...later.map((lesson) => ({ ...lesson, weight: 1 })),
    ];
    expect(distance(readout.weights, batch(together, (1 + 0.05 * 200) / 4))).toBeLessThan(1e-4);
  });

  it('settled after a single lesson has its ridge as well', () => {
    const [first] = lessons(5, 1);
    const readout = leastSquaresReadout(INPUTS, CLASSES, 0.05);
    teach(readout, first!.x, first!.label, 1);
    readout.settle(1);
    expect(distance(readout.weights, batch([{ ...first!, weight: 1 }], 1.05))).toBeLessThan(1e-6);
  });

  it('says the same of samples in another scale, and goes on from there', () => {
    const random = new RandomGenerator(9, 'scale');
    const slope = Float64Array.from({ length: INPUTS }, () => 0.3 + 2 * random.nextUniform());
    const shift = Float64Array.from({ length: INPUTS }, () => random.nextNormal());
    const scaled = (x: Float64Array) => x.map((value, i) => (i === 0 ? 1 : slope[i]! * value + shift[i]!));
    const [moved, still] = [0, 1].map(() => leastSquaresReadout(INPUTS, CLASSES, 0.05)) as [never, never];
    const both = (x: Float64Array, ofMoved: Float64Array, label: number) => {
      teach(still, x, label, 1);
      teach(moved, ofMoved, label, 1);
    };
    for (const { x, label } of lessons(5, 40)) both(x, x, label);
    (moved as ReturnType<typeof leastSquaresReadout>).rescale(slope, shift, new Float32Array(0));
    for (const { x, label } of lessons(6, 40)) both(x, scaled(x), label);
    const scores = [new Float64Array(CLASSES), new Float64Array(CLASSES)];
    for (const { x } of lessons(7, 20)) {
      const { weights, score } = still as ReturnType<typeof leastSquaresReadout>;
      score(weights, x, CLASSES, scores[0]!);
      score((moved as ReturnType<typeof leastSquaresReadout>).weights, scaled(x), CLASSES, scores[1]!);
      expect(distance(scores[0]!, scores[1]!)).toBeLessThan(1e-3);
    }
  });

  it('finds the variance that is left along x from the inverse of the normal matrix', () => {
    const factors = factorsFor(INPUTS, 0.7);
    const normal = new Float64Array(INPUTS * INPUTS);
    for (let i = 0; i < INPUTS; i++) normal[i * INPUTS + i] = 0.7;
    for (const { x, weight } of lessons(8, 25)) {
      takeSample(factors, x, { weight });
      for (let i = 0; i < INPUTS; i++)
        for (let k = 0; k < INPUTS; k++) normal[i * INPUTS + k]! += weight * x[i]! * x[k]!;
    }
    for (const { x } of lessons(9, 10)) {
      const solved = x.slice();
      expect(solvePositiveDefinite(normal.slice(), solved, INPUTS, 1)).toBe(true);
      const expected = x.reduce((sum, value, i) => sum + value * solved[i]!, 0);
      expect(varianceAlong(factors, x) / expected).toBeCloseTo(1, 4);
    }
  });

  it('finds it in the bits of sums that are taken one by one, whatever the size', () => {
    const random = new RandomGenerator(4, 'sizes');
    for (let size = 1; size < 14; size++) {
      const { upper, diagonal, gain } = factorsFor(size, 1);
      for (const numbers of [upper, diagonal]) for (const i of numbers.keys()) numbers[i] = random.nextNormal();
      const x = Float64Array.from({ length: size }, () => random.nextNormal());
      let expected = 0;
      for (let j = 0, column = 0; j < size; column += j++) {
        let f = x[j]!;
        for (let i = 0; i < j; i++) f += upper[column + i]! * x[i]!;
        expected += diagonal[j]! * f * f;
      }
      expect(varianceAlong({ upper, diagonal, gain }, x)).toBe(expected);
    }
  });

  it('stays positive definite over many lessons that say the same, and over re-openings', () => {
    const factors = factorsFor(INPUTS, 1);
    const random = new RandomGenerator(2, 'long');
    const x = new Float64Array(INPUTS);
    const slope = new Float64Array(INPUTS).fill(1);
    for (let k = 0; k < LESSONS; k++) {
      for (let i = 0; i < INPUTS; i++) x[i] = i === 0 ? 1 : k % 3 === 0 ? 2 : 5 * random.nextNormal();
      takeSample(factors, x, { weight: k % 7 === 0 ? 3 : 1 });
      if (k % 10_000 === 0) rescaleCovariance(factors, slope, slope);
    }
    expect(factors.diagonal.every((d) => d > 0 && Number.isFinite(d))).toBe(true);
    expect(factors.upper.every(Number.isFinite)).toBe(true);
  });
});
