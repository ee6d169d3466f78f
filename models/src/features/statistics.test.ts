import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { FeatureChain } from './chain/chain.ts';
import { featureKindOf } from './chain/features.ts';
import { FrameMemory } from './frame-memory.ts';
import { statistics } from './statistics.ts';

const memory = new FrameMemory();
const N = 4096;
/** Kinds that look at a number for two reasons in one pass. */
const READ_TWICE = ['peak-to-peak', 'skewness', 'kurtosis'];

/** The one number that a feature without parameters gives of a frame. */
function statisticOf(type: string, frame: ArrayLike<number>): number {
  const feature = featureKindOf(type, 'test').prepare({}, { width: frame.length, channels: 1, memory });
  let value = Number.NaN;
  feature.push(0, Float64Array.from(frame), (_channel, [only]) => {
    value = only!;
  });
  return value;
}

const frameOf = (x: (k: number) => number, length = N) => Float64Array.from({ length }, (_, k) => x(k));
/** Whole periods, half a sample off the zeros. */
const sine = (amplitude: number, periods = 16, offset = 0) =>
  frameOf((k) => offset + amplitude * Math.sin((2 * Math.PI * periods * (k + 0.5)) / N));

describe('statistics of a frame', () => {
  it('of a sine are those of the books', () => {
    const x = sine(3);
    expect(statisticOf('mean', x)).toBeCloseTo(0, 12);
    expect(statisticOf('standard-deviation', x)).toBeCloseTo(3 / Math.SQRT2, 12);
    expect(statisticOf('rms', x)).toBeCloseTo(3 / Math.SQRT2, 12);
    expect(statisticOf('peak', x)).toBeCloseTo(3, 3);
    expect(statisticOf('peak-to-peak', x)).toBeCloseTo(6, 3);
    expect(statisticOf('crest-factor', x)).toBeCloseTo(Math.SQRT2, 3);
    expect(statisticOf('shape-factor', x)).toBeCloseTo(Math.PI / (2 * Math.SQRT2), 3);
    expect(statisticOf('skewness', x)).toBeCloseTo(0, 12);
    expect(statisticOf('kurtosis', x)).toBeCloseTo(1.5, 12);
    // Two crossings a period; the frame begins and ends beside one.
    expect(statisticOf('zero-crossings', x)).toBe((2 * 16 - 1) / (N - 1));
  });

  it('of a line is its slope, and of what is symmetric about the middle 0', () => {
    expect(
      statisticOf(
        'slope',
        frameOf((k) => 1e6 - 0.25 * k),
      ),
    ).toBeCloseTo(-0.25, 9);
    expect(
      statisticOf(
        'slope',
        frameOf((k) => (k - (N - 1) / 2) ** 2),
      ),
    ).toBeCloseTo(0, 6);
    expect(statisticOf('slope', [3, 7])).toBe(4);
  });

  it('of a square wave: all factors are 1', () => {
    const x = frameOf((k) => (k % 8 < 4 ? 2 : -2));
    for (const type of ['crest-factor', 'shape-factor', 'kurtosis']) expect(statisticOf(type, x)).toBeCloseTo(1, 12);
    expect(statisticOf('rms', x)).toBe(2);
    expect(statisticOf('zero-crossings', x)).toBe((N / 4 - 1) / (N - 1));
  });

  it('of one impact among n samples: those of a two-valued variable', () => {
    const p = 1 / N;
    const x = frameOf((k) => (k === 100 ? 5 : 0));
    expect(statisticOf('crest-factor', x)).toBeCloseTo(Math.sqrt(N), 9);
    expect(statisticOf('kurtosis', x)).toBeCloseTo(1 / (p * (1 - p)) - 3, 6);
    expect(statisticOf('skewness', x)).toBeCloseTo((1 - 2 * p) / Math.sqrt(p * (1 - p)), 9);
  });

  it('of normal noise: kurtosis 3 and skewness 0 within their deviations', () => {
    const random = new RandomGenerator(1, 'noise');
    const length = 200_000;
    const x = frameOf(() => 7 + 2 * random.nextNormal(), length);
    expect(Math.abs(statisticOf('kurtosis', x) - 3)).toBeLessThan(4.5 * Math.sqrt(24 / length));
    expect(Math.abs(statisticOf('skewness', x))).toBeLessThan(4.5 * Math.sqrt(6 / length));
    expect(Math.abs(statisticOf('mean', x) - 7)).toBeLessThan((4.5 * 2) / Math.sqrt(length));
  });

  it('do not see an offset where they are about the mean', () => {
    for (const type of ['standard-deviation', 'skewness', 'kurtosis', 'zero-crossings', 'peak-to-peak']) {
      expect(statisticOf(type, sine(1, 16, 1e6))).toBeCloseTo(statisticOf(type, sine(1)), 6);
    }
  });

  it('of a frame that does not vary are finite, and 0 where they compare', () => {
    for (const level of [0, 0.1, -1e12, 1e60, 5e-324]) {
      const x = frameOf(() => level, 1000);
      for (const type of ['skewness', 'kurtosis', 'zero-crossings', 'peak-to-peak']) {
        expect(statisticOf(type, x)).toBe(0);
      }
      expect(Math.abs(statisticOf('mean', x) - level)).toBeLessThanOrEqual(Math.abs(level) * 1e-15);
      for (const type of ['crest-factor', 'shape-factor', 'rms'])
        expect(statisticOf(type, x)).toBeGreaterThanOrEqual(0);
    }
    expect(
      statisticOf(
        'crest-factor',
        frameOf(() => 0),
      ),
    ).toBe(0);
    expect(
      statisticOf(
        'shape-factor',
        frameOf(() => 0),
      ),
    ).toBe(0);
  });

  it('need a window', () => {
    const kurtosis = featureKindOf('kurtosis', 'test');
    expect(() => kurtosis.prepare({}, { width: 1, channels: 1, memory })).toThrow(
      'feature "kurtosis": gets single samples',
    );
    expect(() => kurtosis.prepare({ length: 3 }, { width: 8, channels: 1, memory })).toThrow('expected no parameters');
  });
});

describe('sliding moments', () => {
  /** Central moments of whole numbers, exactly: n^p·Σ (x − μ)^p is one. */
  function exactMoment(window: readonly bigint[], power: number): number {
    const n = BigInt(window.length);
    const sum = window.reduce((total, x) => total + x, 0n);
    const scaled = window.reduce((total, x) => total + (n * x - sum) ** BigInt(power), 0n);
    return Number(scaled) / Number(n ** BigInt(power + 1));
  }

  it('over a million samples on a large offset are those of exact arithmetic, at the end as at the beginning', () => {
    const [length, hop] = [64, 48];
    const offset = 2 ** 44;
    const random = new RandomGenerator(1, 'sensor');
    const statistics = ['mean', 'standard-deviation', 'skewness', 'kurtosis'].map((type) => ({ type, parameters: {} }));
    const chain = new FeatureChain('test', [{ type: 'window', parameters: { length, hop } }, statistics], 4);
    const recent: bigint[] = [];
    let windows = 0;
    let farthest = 0;
    for (let k = 0; k < 1_000_000; k++) {
      const sample = offset + random.nextInteger(2000) + (k % 97 === 0 ? 50_000 : 0);
      recent.push(BigInt(sample));
      if (recent.length > length) recent.shift();
      if (!chain.take([sample])) continue;
      windows++;
      if (windows % 40 !== 1) continue;
      const sum = recent.reduce((total, x) => total + x, 0n);
      const variance = exactMoment(recent, 2);
      const expected = [
        offset + Number(sum - BigInt(length) * BigInt(offset)) / length,
        Math.sqrt(variance),
        exactMoment(recent, 3) / variance ** 1.5,
        exactMoment(recent, 4) / variance ** 2,
      ];
      for (const [i, value] of chain.values.entries()) {
        farthest = Math.max(farthest, Math.abs(value / expected[i]! - 1));
      }
    }
    expect(windows).toBe(Math.floor((1_000_000 - length) / hop) + 1);
    // The mean has 2^-9 of resolution here, 2·10^-6 of the deviation.
    expect(farthest).toBeLessThan(2e-6);
  });
});

it.each(statistics.map((kind) => [kind.type, kind] as const))(
  '%s: its work is how often it reads numbers of the frame',
  (_, kind) => {
    let reads = 0;
    const frame = new Proxy(
      frameOf((k) => Math.sin(k) + k / N),
      {
        get(target, key) {
          if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
          return Reflect.get(target, key, target);
        },
      },
    );
    const feature = kind.prepare({}, { width: N, channels: 1, memory });
    feature.push(0, frame, () => {});
    // A pass may read a number twice, or begin with the second.
    expect(Math.abs(reads / feature.work - 1)).toBeLessThan(READ_TWICE.includes(kind.type) ? 1.01 : 0.01);
  },
);
