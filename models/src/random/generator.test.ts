import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from './generator.ts';

const MASK_32 = 0xffffffffn;

/** xoshiro128** as published, in whole numbers of any size. */
function* referenceXoshiro(words: readonly [bigint, bigint, bigint, bigint]): Generator<number> {
  let [a, b, c, d] = words;
  const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & MASK_32;
  for (;;) {
    yield Number((rotate((b * 5n) & MASK_32, 7n) * 9n) & MASK_32);
    const shifted = (b << 9n) & MASK_32;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11n);
  }
}

function take(generator: RandomGenerator, count: number): number[] {
  return Array.from({ length: count }, () => generator.nextUint32());
}

/** The first two 64-bit numbers of splitmix64 that the state was filled with. */
function seedWords(seed: bigint | number, name: string): [bigint, bigint] {
  const [a, b, c, d] = Array.from(new RandomGenerator(seed, name).state, BigInt) as [bigint, bigint, bigint, bigint];
  return [a | (b << 32n), c | (d << 32n)];
}

// Published FNV-1a hashes, so that seed ^ hash(name) is a published seed of splitmix64.
const FNV_OF_EMPTY = 0xcbf29ce484222325n;
const FNV_OF_FOOBAR = 0x85944171f73967e8n;

describe('RandomGenerator', () => {
  it('gives the published sequence of xoshiro128** from the state 1, 2, 3, 4', () => {
    const generator = new RandomGenerator(0, '');
    generator.state.set([1, 2, 3, 4]);
    expect(take(generator, 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('equals the published algorithm from any state', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (words) => {
        const generator = new RandomGenerator(0, '');
        generator.state.set(words);
        const reference = referenceXoshiro(words.map(BigInt) as [bigint, bigint, bigint, bigint]);
        expect(take(generator, 100)).toEqual(Array.from({ length: 100 }, () => reference.next().value));
      }),
    );
  });

  it('is seeded with the published sequences of splitmix64, through FNV-1a of the name', () => {
    expect(seedWords(FNV_OF_EMPTY, '')).toEqual([0xe220a8397b1dcdafn, 0x6e789e6aa1b965f4n]);
    expect(seedWords(FNV_OF_EMPTY ^ 1234567n, '')).toEqual([6457827717110365317n, 3203168211198807973n]);
    expect(seedWords(FNV_OF_FOOBAR ^ 1234567n, 'foobar')).toEqual([6457827717110365317n, 3203168211198807973n]);
  });

  it('goes on from a saved state', () => {
    const generator = new RandomGenerator(5, 'noise');
    take(generator, 7);
    const saved = generator.state.slice();
    const expected = take(generator, 20);
    const other = new RandomGenerator(6, 'something else');
    other.state.set(saved);
    expect(take(other, 20)).toEqual(expected);
  });

  it('lives in the memory it was given', () => {
    const memory = new Uint32Array(8);
    const generator = new RandomGenerator(1, 'x', memory.subarray(2, 6));
    const before = memory.slice();
    generator.nextUint32();
    expect(memory).not.toEqual(before);
    expect([memory[0], memory[1], memory[6], memory[7]]).toEqual([0, 0, 0, 0]);
  });

  it('has uncorrelated streams for neighbouring seeds and names', () => {
    const count = 20_000;
    const streams = [new RandomGenerator(1, 'a'), new RandomGenerator(2, 'a'), new RandomGenerator(1, 'b')];
    const draws = streams.map((stream) => Array.from({ length: count }, () => stream.nextUniform() - 0.5));
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const correlation = draws[a]!.reduce((sum, x, k) => sum + x * draws[b]![k]!, 0) / (count / 12);
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(count));
    }
  });

  it('is uniform in each of its upper and lower bits and in pairs of draws (χ²)', () => {
    const generator = new RandomGenerator(7, 'uniform');
    const high = new Float64Array(256);
    const low = new Float64Array(256);
    const pairs = new Float64Array(256);
    const count = 256_000;
    for (let k = 0; k < count; k++) {
      const draw = generator.nextUint32();
      high[draw >>> 24]! += 1;
      low[draw & 255]! += 1;
      pairs[((draw >>> 28) << 4) | (generator.nextUint32() >>> 28)]! += 1;
    }
    // 255 degrees of freedom: mean 255, deviation 22.6; five deviations either way.
    for (const bins of [high, low, pairs]) {
      const chiSquare = bins.reduce((sum, seen) => sum + (seen - count / 256) ** 2 / (count / 256), 0);
      expect(chiSquare).toBeGreaterThan(255 - 5 * 22.6);
      expect(chiSquare).toBeLessThan(255 + 5 * 22.6);
    }
  });

  it('draws uniform numbers in [0, 1), from the whole of it', () => {
    const generator = new RandomGenerator(3, 'unit');
    const draws = Float64Array.from({ length: 10_000 }, () => generator.nextUniform());
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...draws)).toBeLessThan(0.001);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(Math.max(...draws)).toBeGreaterThan(0.999);
  });

  it('draws integers without the bias of a plain remainder', () => {
    // 3·2^30 folds twice over a quarter of the range: a plain remainder would draw below 2^30 half of the time, not a
    // third.
    const generator = new RandomGenerator(11, 'integer');
    const count = 60_000;
    let below = 0;
    for (let k = 0; k < count; k++) if (generator.nextInteger(3 * 2 ** 30) < 2 ** 30) below++;
    expect(Math.abs(below - count / 3)).toBeLessThan(5 * Math.sqrt((count * 2) / 9));
  });

  it('draws integers below any bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.integer(), (bound, seed) => {
        const generator = new RandomGenerator(seed, 'bound');
        for (let k = 0; k < 20; k++) {
          const draw = generator.nextInteger(bound);
          expect(Number.isSafeInteger(draw) && draw >= 0 && draw < bound).toBe(true);
        }
      }),
    );
  });

  it('draws normal numbers with the moments 0, 1, 0, 3 and the tails of the normal distribution', () => {
    const generator = new RandomGenerator(13, 'normal');
    const count = 200_000;
    const moments = [0, 0, 0, 0];
    let beyondTwo = 0;
    for (let k = 0; k < count; k++) {
      const draw = generator.nextNormal();
      for (let power = 0; power < 4; power++) moments[power]! += draw ** (power + 1) / count;
      if (Math.abs(draw) > 2) beyondTwo++;
    }
    // The variances of the sample moments are 1, 2, 15 and 96, over the count.
    const deviation = [1, 2, 15, 96].map((variance) => Math.sqrt(variance / count));
    for (const [power, expected] of [0, 1, 0, 3].entries()) {
      expect(Math.abs(moments[power]! - expected)).toBeLessThan(5 * deviation[power]!);
    }
    const share = 0.0455;
    expect(Math.abs(beyondTwo / count - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / count));
  });
});
