import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { drawInputs, drawPairs, drawPairsBy } from './random-synapses.ts';

const generator = (seed = 1) => new RandomGenerator(seed, 'test');

describe('drawPairs', () => {
  it('has the number of synapses of independent draws, evenly over sources and targets', () => {
    const [sources, targets, p] = [300, 400, 0.02];
    const rows = drawPairs(sources, targets, p, generator());
    const count = rows.reduce((sum, row) => sum + row.length, 0);
    const deviation = Math.sqrt(sources * targets * p * (1 - p));
    expect(Math.abs(count - sources * targets * p)).toBeLessThan(5 * deviation);
    // The count of a row is binomial: the variance over the rows must be that, and not that of rows that depend on each
    // other.
    const variance = rows.reduce((sum, row) => sum + (row.length - targets * p) ** 2, 0) / sources;
    expect(variance / (targets * p * (1 - p))).toBeGreaterThan(0.6);
    expect(variance / (targets * p * (1 - p))).toBeLessThan(1.5);
    const last = rows.reduce((sum, row) => sum + row.filter((target) => target >= targets / 2).length, 0);
    expect(Math.abs(last / count - 0.5)).toBeLessThan(0.05);
  });

  it('gives ascending targets, all of them with probability 1 and none with 0', () => {
    for (const row of drawPairs(50, 60, 0.3, generator())) {
      expect(row).toEqual([...new Set(row)].sort((a, b) => a - b));
    }
    expect(drawPairs(2, 3, 1, generator())).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(drawPairs(2, 3, 0, generator())).toEqual([[], []]);
  });

  it('depends on the seed alone', () => {
    expect(drawPairs(20, 20, 0.2, generator(4))).toEqual(drawPairs(20, 20, 0.2, generator(4)));
    expect(drawPairs(20, 20, 0.2, generator(4))).not.toEqual(drawPairs(20, 20, 0.2, generator(5)));
  });

  it('refuses a probability that is none', () => {
    expect(() => drawPairs(2, 2, 1.5, generator())).toThrow(/probability: is 1.5; expected a number from 0 to 1/);
  });
});

describe('drawPairsBy', () => {
  it('takes each pair with its own probability', () => {
    const rows = drawPairsBy(4, 2000, (source) => [0, 0.1, 0.5, 1][source]!, generator());
    const [none, tenth, half, all] = rows.map((row) => row.length);
    expect([none, all]).toEqual([0, 2000]);
    expect(Math.abs(tenth! - 200)).toBeLessThan(5 * Math.sqrt(180));
    expect(Math.abs(half! - 1000)).toBeLessThan(5 * Math.sqrt(500));
  });
});

describe('drawInputs', () => {
  it('gives every target its number of different sources, each source as likely as another', () => {
    const rows = drawInputs(40, 3000, 7, generator());
    const inDegrees = new Int32Array(3000);
    for (const row of rows) {
      expect(row).toEqual([...new Set(row)].sort((a, b) => a - b));
      for (const target of row) inDegrees[target]!++;
    }
    expect(new Set(inDegrees)).toEqual(new Set([7]));
    const mean = (3000 * 7) / 40;
    for (const row of rows) expect(Math.abs(row.length - mean)).toBeLessThan(5 * Math.sqrt(mean));
  });

  it('refuses more inputs than there are sources', () => {
    expect(() => drawInputs(3, 5, 4, generator())).toThrow(/inDegree: is 4; expected a whole number from 1 to 3/);
  });
});
