import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { ChannelRange } from './range.ts';

const warmUp = (samples: number) => ({ samples, tail: 0.02, widen: 1.5 });

function warmedUp(samples: readonly (readonly number[])[]): ChannelRange {
  const range = new ChannelRange('test', samples[0]!.length, warmUp(samples.length));
  for (const sample of samples) range.take(sample);
  return range;
}

describe('a fixed range', () => {
  const ends = fc
    .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
    .map(([low, width]) => [low, low + width] as const);

  it('normalises and brings back', () => {
    fc.assert(
      fc.property(ends, fc.double({ min: 0, max: 1, noNaN: true }), ([low, high], share) => {
        const range = new ChannelRange('test', 1, [[low, high]]);
        const value = Math.min(high, low + share * (high - low));
        const tolerance = 1e-12 * (Math.abs(low) + Math.abs(high));
        expect(Math.abs(range.fromUnit(0, range.toUnit(0, value)) - value)).toBeLessThanOrEqual(tolerance);
        expect(Math.abs(range.fromSigned(0, range.toSigned(0, value)) - value)).toBeLessThanOrEqual(tolerance);
        expect(range.toSigned(0, value)).toBeCloseTo(2 * range.toUnit(0, value) - 1, 6);
      }),
    );
  });

  it('clips what lies outside and counts it by channel', () => {
    const range = new ChannelRange('test', 2, [
      [0, 10],
      [-5, 5],
    ]);
    expect([range.toUnit(0, -1), range.toUnit(0, 11), range.toUnit(0, 0), range.toUnit(0, 10)]).toEqual([0, 1, 0, 1]);
    expect([range.toSigned(1, -6), range.toSigned(1, 9), range.toSigned(1, -5), range.toSigned(1, 5)]).toEqual([
      -1, 1, -1, 1,
    ]);
    expect(range.clipped).toEqual(Float64Array.of(2, 2));
    range.toUnit(0, 12);
    expect(range.clipped).toEqual(Float64Array.of(3, 2));
  });

  it('is ready at once', () => {
    const range = new ChannelRange('test', 1, [[0, 1]]);
    expect([range.ready, range.samples, range.of, range.take([0.5])]).toEqual([true, 0, 0, true]);
  });
});

describe('an automatic range', () => {
  it('is the 2 % and 98 % quantiles of the warm-up, widened by 1.5 around their middle', () => {
    // 0 … 100 in mixed order: the quantiles are 2 and 98, their middle 50, the half width 48.
    const values = Array.from({ length: 101 }, (_, k) => (k * 37) % 101);
    const range = warmedUp(values.map((value) => [value, -10 * value]));
    expect([range.low[0], range.high[0]]).toEqual([expect.closeTo(50 - 72, 10), expect.closeTo(50 + 72, 10)]);
    expect([range.low[1], range.high[1]]).toEqual([expect.closeTo(-1220, 8), expect.closeTo(220, 8)]);
  });

  it('is not moved by rare outliers', () => {
    const random = new RandomGenerator(1, 'range');
    const values = Array.from({ length: 300 }, (_, k) => [k % 100 === 50 ? 1e6 : random.nextUniform()]);
    const range = warmedUp(values);
    expect(range.high[0]).toBeLessThan(1.3);
    expect(range.low[0]).toBeGreaterThan(-0.3);
  });

  it('is frozen after the warm-up', () => {
    const range = warmedUp([[1], [2], [3], [4]]);
    const ends = [range.low[0], range.high[0]];
    for (let k = 0; k < 1000; k++) range.take([1000 + k]);
    expect([range.low[0], range.high[0], range.samples, range.ready]).toEqual([...ends, 4, true]);
  });

  it('that ends early is what one of so many samples is, and none before there are enough', () => {
    const values = Array.from({ length: 90 }, (_, k) => [(k * 37) % 101]);
    const [early, short] = [new ChannelRange('test', 1, warmUp(300)), warmedUp(values)];
    for (const value of values) early.take(value);
    early.endWarmUp(91);
    expect(early.ready).toBe(false);
    early.endWarmUp(90);
    expect([early.ready, early.samples, early.low[0], early.high[0]]).toEqual([true, 300, short.low[0], short.high[0]]);
  });

  it('stays near the true quantiles in a warm-up far longer than what it keeps', () => {
    const random = new RandomGenerator(2, 'range');
    const length = 50_001;
    const range = new ChannelRange('test', 1, warmUp(length));
    for (let k = 0; k < length; k++) expect(range.take([random.nextNormal()])).toBe(k === length - 1);
    // 2.054 deviations, times 1.5; about 500 kept samples give the quantile with a deviation of 0.13.
    expect(Math.abs(range.high[0]! - 3.08)).toBeLessThan(0.13 * 1.5 * 4);
    expect(Math.abs(range.low[0]! + 3.08)).toBeLessThan(0.13 * 1.5 * 4);
  });

  it('keeps bounded memory, whatever the channels and the warm-up', () => {
    for (const channels of [1, 784, 4096]) {
      const { state } = new ChannelRange('test', channels, warmUp(1_000_000));
      const numbers = Object.values(state).reduce((sum, { view }) => sum + view.length, 0);
      expect(numbers).toBeLessThanOrEqual(65_536 + 3 * channels + 1);
    }
  });

  it('gives a channel that never moved a tenth of its magnitude, or 1 around 0', () => {
    const range = warmedUp(Array.from({ length: 300 }, () => [20, 0, -5]));
    expect(Array.from(range.low)).toEqual([18, -1, -5.5]);
    expect(Array.from(range.high)).toEqual([22, 1, -4.5]);
  });

  it('describes a channel that hardly ever moved by its movements', () => {
    const range = warmedUp(Array.from({ length: 300 }, (_, k) => [k === 123 ? 21 : 20]));
    expect([range.low[0], range.high[0]]).toEqual([expect.closeTo(19.75, 12), expect.closeTo(21.25, 12)]);
  });

  it('contains the middle 96 % of any warm-up', () => {
    const sample = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 2, maxLength: 400 }), (values) => {
        const range = warmedUp(values.map((value) => [value]));
        expect(range.low[0]).toBeLessThan(range.high[0]!);
        const outside = values.filter((value) => value < range.low[0]! || value > range.high[0]!).length;
        expect(outside).toBeLessThanOrEqual(0.04 * values.length + 2);
      }),
    );
  });
});

describe('a range that follows', () => {
  const follows = { samples: 300, tail: 0.02, widen: 1.5, fence: 3, follow: 100 };

  /** Warmed up on a wave of ±1 around 20, of which `outliers` samples lie at 85. */
  function following(outliers = 0) {
    const range = new ChannelRange('test', 1, follows);
    for (let k = 0; k < 300; k++) range.take([k % 5 === 0 && k < 5 * outliers ? 85 : 20 + Math.sin(k)]);
    return range;
  }

  const ends = ({ low, high }: ChannelRange) => [low[0]!, high[0]!];

  it('does not count outliers of its warm-up, up to a fifth of it', () => {
    const [low, high] = ends(following());
    for (const outliers of [1, 10, 30, 60]) {
      expect(ends(following(outliers))[0]).toBeCloseTo(low!, 1);
      expect(ends(following(outliers))[1]).toBeCloseTo(high!, 1);
    }
  });

  it('stays where it is on what it was found on, and is never narrower', () => {
    const range = following();
    const before = ends(range);
    for (let k = 0; k < 20_000; k++) range.follow([20 + 0.9 * Math.sin(k)]);
    expect(ends(range)).toEqual(before);
  });

  it('comes to hold a wave that has moved and grown, and becomes narrow again', () => {
    const range = following();
    for (let k = 0; k < 20_000; k++) range.follow([40 + 3 * Math.sin(k)]);
    const [low, high] = ends(range);
    expect(low).toBeLessThan(37);
    expect(low).toBeGreaterThan(34);
    expect(high).toBeGreaterThan(43);
    expect(high).toBeLessThan(46);
    expect(range.growth(0)).toBeCloseTo((high! - low!) / 3, 0);
    for (let k = 0; k < 50_000; k++) range.follow([40 + Math.sin(k)]);
    expect(range.growth(0)).toBeLessThan(1.1);
  });

  it('does not move further for what lies further out', () => {
    const [near, far] = [following(), following()];
    near.follow([30]);
    far.follow([1e9]);
    expect(ends(far)).toEqual(ends(near));
  });

  it('moves to a new level at once, and becomes as wide as that is', () => {
    const range = following();
    const width = range.high[0]! - range.low[0]!;
    expect(range.moveTo(0, 19.5, 20.5)).toBe(false);
    expect(range.moveTo(0, 29.5, 30.5)).toBe(true);
    expect([(range.low[0]! + range.high[0]!) / 2, range.high[0]! - range.low[0]!]).toEqual([
      expect.closeTo(30, 9),
      expect.closeTo(width, 9),
    ]);
    expect(range.moveTo(0, 40, 60)).toBe(true);
    expect(ends(range)).toEqual([expect.closeTo(35, 9), expect.closeTo(65, 9)]);
  });

  it('is frozen, and saves nothing more, where it is not asked to follow', () => {
    const frozen = warmedUp([[0], [1], [2]]);
    const before = ends(frozen);
    frozen.follow([1e3]);
    expect([frozen.moveTo(0, 50, 60), frozen.follows, frozen.growth(0)]).toEqual([false, false, 1]);
    expect(ends(frozen)).toEqual(before);
    expect(Object.keys(frozen.state)).not.toContain('rangeFirstHalf');
    expect(Object.keys(following().state)).toContain('rangeFirstHalf');
  });
});
