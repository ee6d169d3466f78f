import { RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracyOf, areaUnderCurve, calibrationError, macroF1 } from './figures.ts';
import { bootstrapOf, type Interval, intervalOf, verdictOf } from './interval.ts';

describe('figures', () => {
  it('accuracy leaves out what does not count', () => {
    expect(accuracyOf([0, 1, 1, 2], [0, 1, 0, -1])).toBeCloseTo(2 / 3, 12);
    expect(accuracyOf([0], [-1])).toBeNaN();
  });

  it('macro F1 is the mean of harmonic means of precision and recall', () => {
    const [answers, truth] = [
      [0, 0, 1, 1, 1, 2],
      [0, 0, 0, 1, 1, 1],
    ];
    const f1 = (precision: number, recall: number) => (2 * precision * recall) / (precision + recall);
    expect(macroF1(answers, truth, [0, 1, 2], 1)).toBeCloseTo((f1(1, 2 / 3) + f1(2 / 3, 2 / 3)) / 2, 12);
    expect(macroF1(answers, truth, [0, 1, 2], 4)).toBeNaN();
    // A class of which nothing was found is 0, and is not left out.
    expect(macroF1([0, 0], [0, 1], [0, 1], 1)).toBeCloseTo(f1(0.5, 1) / 2, 12);
  });

  it('calibration: 0 for honest confidence, what is too much of it otherwise', () => {
    const right = Array.from({ length: 1000 }, (_, n) => n % 10 < 7);
    expect(
      calibrationError(
        right.map(() => 0.7),
        right,
      ),
    ).toBeCloseTo(0, 9);
    expect(
      calibrationError(
        right.map(() => 0.9),
        right,
      ),
    ).toBeCloseTo(0.2, 9);
    // Errors of two bins do not cancel.
    expect(calibrationError([0.9, 0.1], [false, true])).toBeCloseTo(0.9, 9);
  });

  it('area under the curve is the share of pairs in order', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, scores, (above, below) => {
        let pairs = 0;
        for (const a of above) for (const b of below) pairs += a > b ? 1 : a === b ? 0.5 : 0;
        expect(areaUnderCurve(above, below)).toBeCloseTo(pairs / (above.length * below.length), 9);
      }),
    );
  });
});

describe('interval', () => {
  it('of 1 … 10 is 5.5 ± 2.262·√(55/6)/√10', () => {
    for (const draws of [1, 10]) {
      const { mean, half } = intervalOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], draws);
      expect(mean).toBe(5.5);
      expect(half).toBeCloseTo((2.262 * Math.sqrt(55 / 6)) / Math.sqrt(10), 9);
    }
  });

  it('holds the mean of fronts and draws that runs share, which taken for independent ones they do not', () => {
    const random = new RandomGenerator(1, 'fronts and draws');
    const normals = (count: number, deviation: number) =>
      Array.from({ length: count }, () => deviation * random.nextNormal());
    let [held, heldAsIndependent] = [0, 0];
    for (let trial = 0; trial < 2000; trial++) {
      const [fronts, draws] = [normals(5, 1), normals(3, 1)];
      const runs = fronts.flatMap((front) => draws.map((draw) => front + draw + 0.5 * random.nextNormal()));
      const holds = ({ mean, half }: Interval) => Math.abs(mean) <= half!;
      if (holds(intervalOf(runs, 3))) held++;
      if (holds(intervalOf(runs, 1))) heldAsIndependent++;
    }
    expect(held).toBeGreaterThan(0.94 * 2000);
    expect(heldAsIndependent).toBeLessThan(0.8 * 2000);
  });

  it('claims no win inside of itself, nor of one run', () => {
    expect(intervalOf([0.3], 1)).toEqual({ mean: 0.3, half: undefined });
    expect(verdictOf(intervalOf([0.3], 1))).toBe('open');
    expect(verdictOf({ mean: 0.01, half: 0.011 })).toBe('open');
    expect(verdictOf({ mean: 0.012, half: 0.011 })).toBe('better');
    expect(verdictOf({ mean: -0.012, half: 0.011 })).toBe('worse');
  });
});

describe('bootstrap over streams', () => {
  it('of many values is the mean ± 1.96 standard errors, and of one value nothing', () => {
    const random = new RandomGenerator(3, 'streams');
    const values = Array.from({ length: 200 }, () => 0.1 + 0.05 * random.nextNormal());
    const mean = values.reduce((sum, value) => sum + value, 0) / 200;
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / 200;
    const [low, high] = bootstrapOf(values)!;
    expect((mean - low) / error).toBeCloseTo(1.96, 0);
    expect((high - mean) / error).toBeCloseTo(1.96, 0);
    expect(bootstrapOf([0.3])).toBeUndefined();
  });

  it('has the mean of the kind in nearly as many cases as it says', () => {
    const random = new RandomGenerator(4, 'streams');
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const [low, high] = bootstrapOf(Array.from({ length: 15 }, () => random.nextNormal()))!;
      if (low < 0 && high > 0) held++;
    }
    // A little too narrow with 15 streams.
    expect(held / 200).toBeGreaterThan(0.87);
    expect(held / 200).toBeLessThan(0.99);
  });
});
