import { RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clouds } from '../data/clouds.test-data.ts';
import type { ClassifierKind, StreamClassifier } from './classifier.ts';
import { classifiers } from './classifiers.ts';
import { leastSquaresOf } from './linear-least-squares.ts';
import {
  frozenLogisticRegression,
  LogisticRegression,
  logisticRegression,
  logisticRegressionTuned,
  penalisedLoss,
} from './logistic-regression.ts';
import { naiveBayes } from './naive-bayes.ts';
import { NearestNeighbours } from './nearest-neighbours.ts';
import { minimise } from './quasi-newton.ts';
import { repeatLastLabel } from './repeat-last-label.ts';

const data = clouds(300);
const site = { classes: 3, weighted: false };
const accuracy = (classifier: StreamClassifier, from: number, to: number) => {
  let right = 0;
  for (let n = from; n < to; n++) {
    const p = classifier.predict(data.samples[n]!);
    if (p.indexOf(Math.max(...p)) === data.labels[n]) right++;
  }
  return right / (to - from);
};
const part = (from: number, to: number) => ({
  samples: data.samples.slice(from, to),
  labels: data.labels.slice(from, to),
});

describe('every baseline', () => {
  for (const kind of classifiers) {
    it(`${kind.name} gives probabilities, and each start is anew`, () => {
      const start = kind.fit(part(0, 90), site);
      const [one, other] = [start(), start()];
      const before = Array.from(one.predict(data.samples[200]!));
      expect(before.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      for (let n = 90; n < 150; n++) one.learn(data.samples[n]!, (data.labels[n]! + 1) % 3);
      expect(Array.from(other.predict(data.samples[200]!))).toEqual(before);
    });

    if (kind === repeatLastLabel) continue;
    it(`${kind.name} tells three clouds apart`, () => {
      expect(accuracy(kind.fit(part(0, 90), site)(), 90, 300)).toBeGreaterThan(0.97);
    });

    if (kind === frozenLogisticRegression) continue;
    it(`${kind.name} follows labels that change places`, () => {
      const classifier = kind.fit(part(0, 90), site)();
      const turned = (n: number) => (data.labels[n]! + 1) % 3;
      for (let round = 0; round < 10; round++) {
        for (let n = 90; n < 200; n++) classifier.learn(data.samples[n]!, turned(n));
      }
      const p = classifier.predict(data.samples[199]!);
      expect(p.indexOf(Math.max(...p))).toBe(turned(199));
    });
  }
});

describe('quasi-Newton', () => {
  it('finds the minimum of a quadratic form, and of Rosenbrock’s valley', () => {
    const scales = [1, 10, 100, 0.1];
    const quadratic = (at: Float64Array, g: Float64Array) => {
      let value = 0;
      for (const [i, scale] of scales.entries()) {
        value += 0.5 * scale * (at[i]! - i) ** 2;
        g[i] = scale * (at[i]! - i);
      }
      return value;
    };
    const minimum = minimise(quadratic, new Float64Array(4), 1e-9);
    for (const [i, x] of minimum.entries()) expect(x).toBeCloseTo(i, 6);
    const valley = ([x, y]: Float64Array, g: Float64Array) => {
      g[0] = -2 * (1 - x!) - 400 * x! * (y! - x! * x!);
      g[1] = 200 * (y! - x! * x!);
      return (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2;
    };
    const [x, y] = minimise(valley, Float64Array.of(-1.2, 1), 1e-8);
    expect([x, y].map((value) => Number(value!.toFixed(5)))).toEqual([1, 1]);
  });
});

describe('logistic regression', () => {
  it('has the gradient of its loss, by differences', () => {
    const random = new RandomGenerator(1, 'weights');
    const weights = Float64Array.from({ length: 12 }, () => random.nextNormal());
    const gradient = new Float64Array(12);
    penalisedLoss(part(0, 40), 3, weights, gradient);
    const step = 1e-5;
    for (let i = 0; i < weights.length; i++) {
      const at = (change: number) =>
        penalisedLoss(part(0, 40), 3, weights.with(i, weights[i]! + change), new Float64Array(12));
      expect(gradient[i]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 5);
    }
  });

  it('goes down −ln p(label) of a lesson, by differences', () => {
    const random = new RandomGenerator(2, 'weights');
    const weights = Float64Array.from({ length: 12 }, () => random.nextNormal());
    const [sample, label, rate, step] = [data.samples[5]!, 2, 0.02, 1e-6];
    const loss = (w: Float64Array) => -Math.log(new LogisticRegression(w, 3, rate).predict(sample)[label]!);
    const learned = new LogisticRegression(weights.slice(), 3, rate);
    learned.learn(sample, label);
    for (let i = 0; i < weights.length; i++) {
      const slope =
        (loss(weights.with(i, weights[i]! + step)) - loss(weights.with(i, weights[i]! - step))) / (2 * step);
      expect(learned.weights[i]! - weights[i]!).toBeCloseTo(-rate * slope, 6);
    }
  });

  it('takes the rate that answers best on its base', () => {
    // Clouds so far apart that a large step is as good as a small one on them, but not where they change places.
    const base = part(0, 200);
    const moved = {
      samples: base.samples.map((sample, n) => Float64Array.from(sample, (x) => (n < 100 ? x : -x))),
      labels: base.labels,
    };
    const lesson = (kind: ClassifierKind, { samples, labels }: typeof base) => {
      const classifier = kind.fit({ samples, labels }, site)();
      const before = Array.from(classifier.predict(samples[5]!));
      classifier.learn(samples[5]!, (labels[5]! + 1) % 3);
      return Math.abs(classifier.predict(samples[5]!)[labels[5]!]! - before[labels[5]!]!);
    };
    expect(lesson(logisticRegressionTuned, moved)).toBeGreaterThan(2 * lesson(logisticRegression, moved));
  });

  it('stays as it was fitted where it is frozen', () => {
    const frozen = frozenLogisticRegression.fit(part(0, 90), site)();
    const before = Array.from(frozen.predict(data.samples[100]!));
    frozen.learn(data.samples[100]!, 1);
    expect(Array.from(frozen.predict(data.samples[100]!))).toEqual(before);
  });
});

describe('naive Bayes', () => {
  it('has prior and normal density of all it has seen, computed anew', () => {
    const bayes = naiveBayes.fit(part(0, 60), site)();
    for (let n = 60; n < 80; n++) bayes.learn(data.samples[n]!, data.labels[n]!);
    const sample = data.samples[100]!;
    const densities = [0, 1, 2].map((k) => {
      const own = data.samples.slice(0, 80).filter((_, n) => data.labels[n] === k);
      return [0, 1, 2].reduce((product, j) => {
        const mean = own.reduce((sum, x) => sum + x[j]!, 0) / own.length;
        const squares = own.reduce((sum, x) => sum + (x[j]! - mean) ** 2, 0);
        const variance = (squares + 0.1) / (own.length + 1) + 0.01;
        return product * (Math.exp(-((sample[j]! - mean) ** 2) / (2 * variance)) / Math.sqrt(variance));
      }, own.length);
    });
    const sum = densities.reduce((a, b) => a + b);
    for (const [k, p] of bayes.predict(sample).entries()) expect(p).toBeCloseTo(densities[k]! / sum, 9);
  });
});

describe('nearest neighbours', () => {
  it('are those of a full search among the last ones', () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true }).map(Math.fround);
    const lesson = fc.tuple(fc.array(number, { minLength: 20, maxLength: 20 }), fc.integer({ min: 0, max: 2 }));
    fc.assert(
      fc.property(
        fc.array(lesson, { minLength: 1, maxLength: 40 }),
        lesson,
        fc.constantFrom(1, 5),
        (lessons, [x], k) => {
          const neighbours = new NearestNeighbours(k, 20, 3, 15);
          for (const [sample, label] of lessons) neighbours.learn(sample, label);
          const nearest = lessons
            .slice(-15)
            .map(([sample, label]) => ({ label, distance: Math.hypot(...sample.map((s, j) => s - x[j]!)) }))
            .sort((a, b) => a.distance - b.distance)
            .slice(0, k);
          const votes = [0, 0, 0];
          for (const { label, distance } of nearest) votes[label]! += 1 / (distance + 1e-3);
          const sum = votes.reduce((a, b) => a + b);
          // Ties may be broken either way.
          const distances = lessons.slice(-15).map(([sample]) => Math.hypot(...sample.map((s, j) => s - x[j]!)));
          fc.pre(new Set(distances.map((d) => d.toFixed(6))).size === distances.length);
          for (const [c, p] of neighbours.predict(x).entries()) expect(p).toBeCloseTo(votes[c]! / sum, 6);
        },
      ),
    );
  });
});

describe('linear recursive least squares', () => {
  it.each([false, true])(
    'is where the weighed ridge problem of base and lessons is solved (weights: %s)',
    (weighted) => {
      const base = part(0, 60);
      const classifier = leastSquaresOf(base, { classes: 3, weighted })();
      for (let n = 60; n < 100; n++) classifier.learn(data.samples[n]!, data.labels[n]!);
      const scale = [0, 1, 2].map((j) => {
        const mean = base.samples.reduce((sum, x) => sum + x[j]!, 0) / 60;
        return { mean, divisor: Math.sqrt(base.samples.reduce((s, x) => s + (x[j]! - mean) ** 2, 0) / 60) + 0.3 };
      });
      const h = (n: number) => [...scale.map(({ mean, divisor }, j) => (data.samples[n]![j]! - mean) / divisor), 1];
      const counts = [20, 20, 20];
      const weightOf = (label: number) =>
        weighted ? Math.min(3, Math.sqrt(counts.reduce((a, b) => a + b) / 3 / counts[label]!)) : 1;
      // Minus the gradient of 50·(mean square over the base + ridge) + squares of the lessons, which must be 0.
      const gradient = classifier.weights.map((row) => row.map((w) => -50 * 0.05 * w));
      const add = (n: number, factor: number) => {
        for (const [k, row] of classifier.weights.entries()) {
          const error = (data.labels[n] === k ? 1 : 0) - h(n).reduce((sum, x, i) => sum + row[i]! * x, 0);
          for (const [i, x] of h(n).entries()) gradient[k]![i]! += factor * error * x;
        }
      };
      for (let n = 0; n < 60; n++) add(n, (50 / 60) * weightOf(data.labels[n]!));
      for (let n = 60; n < 100; n++) {
        counts[data.labels[n]!]!++;
        add(n, weightOf(data.labels[n]!));
      }
      for (const row of gradient) for (const g of row) expect(Math.abs(g)).toBeLessThan(1e-9);
    },
  );
});

describe('repeat last label', () => {
  it('says what came last', () => {
    const repeat = repeatLastLabel.fit(part(0, 10), site)();
    expect(Array.from(repeat.predict([0]))).toEqual([1, 0, 0]);
    repeat.learn([0], 2);
    expect(Array.from(repeat.predict([0]))).toEqual([0, 0, 1]);
  });
});
