import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpikewireError } from '../error.ts';
import { RandomGenerator } from '../random/generator.ts';
import { RunningQuantile } from './running-quantile.ts';

const random = () => new RandomGenerator(1, 'quantile');

/** Distributions with their quantile functions. */
const distributions: readonly [name: string, draw: (g: RandomGenerator) => number, quantile: (p: number) => number][] =
  [
    ['uniform on −1 … 1', (g) => 2 * g.nextUniform() - 1, (p) => 2 * p - 1],
    ['exponential', (g) => -Math.log(1 - g.nextUniform()), (p) => -Math.log(1 - p)],
    [
      'Laplace',
      (g) => (g.nextUniform() < 0.5 ? -1 : 1) * -Math.log(1 - g.nextUniform()),
      (p) => (p < 0.5 ? Math.log(2 * p) : -Math.log(2 - 2 * p)),
    ],
    ['heavy-tailed (Pareto, index 2)', (g) => 1 / Math.sqrt(1 - g.nextUniform()), (p) => 1 / Math.sqrt(1 - p)],
  ];

describe('RunningQuantile', () => {
  for (const [name, draw, quantileOf] of distributions) {
    for (const p of [0.02, 0.5, 0.98, 0.99]) {
      it(`finds the ${p}-quantile: ${name}`, () => {
        const generator = random();
        const estimate = new RunningQuantile(p, 1000);
        for (let k = 0; k < 4000; k++) estimate.update(draw(generator));
        const count = 60_000;
        let above = 0;
        let sum = 0;
        for (let k = 0; k < count; k++) {
          const x = draw(generator);
          if (x > estimate.value) above++;
          estimate.update(x);
          sum += estimate.value;
        }
        // The share above is exact in the long run, whatever the distribution; the value is so on average within the
        // curvature of the distribution over the estimate's own spread.
        expect(Math.abs(above / count - (1 - p))).toBeLessThan(0.06 * Math.min(p, 1 - p) + 0.0004);
        const width = quantileOf(0.99) - quantileOf(0.01);
        expect(Math.abs(sum / count - quantileOf(p))).toBeLessThan(0.03 * width);
      });
    }
  }

  it('spreads around the true value as little as an exact quantile over as many values', () => {
    const generator = random();
    const estimate = new RunningQuantile(0.99, 500);
    for (let k = 0; k < 2000; k++) estimate.update(Math.abs(generator.nextNormal()));
    let squares = 0;
    const count = 100_000;
    for (let k = 0; k < count; k++) {
      estimate.update(Math.abs(generator.nextNormal()));
      squares += (estimate.value - 2.5758) ** 2 / count;
    }
    // √(p(1−p)/W)/density for a window of W = 500, density 0.0289 at 2.5758.
    expect(Math.sqrt(squares)).toBeLessThan(Math.sqrt(0.0099 / 500) / 0.0289);
  });

  it('is the exact quantile while it starts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 100 }),
        (values) => {
          const estimate = new RunningQuantile(0.99);
          for (const value of values) estimate.update(value);
          const sorted = values.toSorted((a, b) => a - b);
          const position = 0.99 * (values.length - 1);
          const lower = sorted[Math.floor(position)]!;
          const upper = sorted[Math.ceil(position)]!;
          expect(estimate.value).toBeCloseTo(lower + (position % 1) * (upper - lower), 6);
        },
      ),
    );
  });

  it('follows a slow drift of the mean', () => {
    const generator = random();
    const estimate = new RunningQuantile(0.9, 300);
    let above = 0;
    for (let k = 0; k < 60_000; k++) {
      const x = generator.nextNormal() + k / 2000;
      if (k >= 3000 && x > estimate.value) above++;
      estimate.update(x);
    }
    // The mean moves by 0.15 deviations per memory; at the density 0.175 such a lag would hide 0.026 of the mass.
    expect(above / 57_000).toBeGreaterThan(0.08);
    expect(above / 57_000).toBeLessThan(0.13);
  });

  it.each([
    [1, 5],
    [5, 1],
  ])('follows a change of scale from %d to %d within a few memories', (from, to) => {
    const generator = random();
    const estimate = new RunningQuantile(0.99, 200);
    for (let k = 0; k < 2000; k++) estimate.update(from * Math.abs(generator.nextNormal()));
    for (let k = 0; k < 2000; k++) estimate.update(to * Math.abs(generator.nextNormal()));
    expect(Math.abs(estimate.value / (2.5758 * to) - 1)).toBeLessThan(0.3);
  });

  it('is moved by a burst of outliers only as often, not as far, as they lie out', () => {
    const after = (size: number) => {
      const generator = random();
      const estimate = new RunningQuantile(0.99);
      for (let k = 0; k < 2000; k++) estimate.update(Math.abs(generator.nextNormal()));
      for (let k = 0; k < 3; k++) estimate.update(size);
      return estimate.value;
    };
    expect(after(1e12)).toBeLessThan(1.3 * 2.5758);
    expect(after(1e12)).toBe(after(1e9));
  });

  it('recovers from a stream that stood still', () => {
    const generator = random();
    const estimate = new RunningQuantile(0.99, 200);
    for (let k = 0; k < 100_000; k++) estimate.update(0);
    expect(estimate.value).toBe(0);
    for (let k = 0; k < 2000; k++) estimate.update(Math.abs(generator.nextNormal()));
    expect(Math.abs(estimate.value / 2.5758 - 1)).toBeLessThan(0.3);
  });

  it('goes on the same from a saved state', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 300 }),
        fc.nat(),
        (values, cut) => {
          const original = new RunningQuantile(0.95, 50);
          for (const value of values.slice(0, cut % (values.length + 1))) original.update(value);
          const restored = new RunningQuantile(0.95, 50);
          restored.state.set(original.state);
          for (const value of values) {
            original.update(value);
            restored.update(value);
          }
          expect(restored.state).toEqual(original.state);
        },
      ),
    );
  });

  it('refuses values that are not finite and changes nothing', () => {
    const estimate = new RunningQuantile(0.5);
    estimate.update(3);
    const before = estimate.state.slice();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => estimate.update(bad)).toThrow(SpikewireError);
    expect(estimate.state).toEqual(before);
    expect(estimate.value).toBe(3);
  });

  it('refuses a quantile or a memory out of range', () => {
    expect(() => new RunningQuantile(1)).toThrow('quantile is 1; expected a number between 0 and 1');
    expect(() => new RunningQuantile(0.9, 0)).toThrow('memory is 0');
  });
});
