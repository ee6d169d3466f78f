import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Correlation } from './correlation.ts';

it('correlation is that of the definition, and knows no size', () => {
  const numbers = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), {
    minLength: 2,
    maxLength: 30,
  });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 9 }), (pairs, factor) => {
      const correlation = new Correlation();
      for (const [x, y] of pairs) correlation.add(factor * x, y + 1000);
      const mean = (pick: (pair: [number, number]) => number) =>
        pairs.reduce((sum, pair) => sum + pick(pair), 0) / pairs.length;
      const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
      const [xx, yy] = [mean(([x]) => (x - mx) ** 2), mean(([, y]) => (y - my) ** 2)];
      fc.pre(xx > 0 && yy > 0);
      expect(correlation.value).toBeCloseTo(mean(([x, y]) => (x - mx) * (y - my)) / Math.sqrt(xx * yy), 9);
    }),
  );
});

it('correlation with what stays is 0, and of two that stay is none', () => {
  const correlation = new Correlation();
  expect(correlation.value).toBeUndefined();
  for (let k = 0; k < 3; k++) correlation.add(7, 8);
  expect(correlation.value).toBeUndefined();
  correlation.add(7, 9);
  expect(correlation.value).toBe(0);
});

it('of Lin counts what differs in size and by an offset', () => {
  const of = (change: (x: number) => number) => {
    const found = new Correlation();
    for (const x of [1, 2, 4, 7]) found.add(x, change(x));
    return found.concordance;
  };
  const [mean, variance] = [3.5, 5.25];
  expect(of((x) => x)).toBeCloseTo(1, 12);
  expect(of((x) => x + 2)).toBeCloseTo((2 * variance) / (2 * variance + 4), 12);
  expect(of((x) => 3 * x)).toBeCloseTo((6 * variance) / (10 * variance + 4 * mean ** 2), 12);
  expect(of(() => 0)).toBe(0);
  expect(new Correlation().concordance).toBeUndefined();
});
