import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameScale } from './frame-scale.ts';

const frames = [3, 5, 10, 4, 8].map((x) => Float64Array.of(x, -2 * x));

function momentsOf(numbers: readonly number[]) {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return { mean, squares: numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) };
}

describe('the scale of frames', () => {
  it.each([
    [undefined, 5],
    [9, 5],
    [3, 3],
    [-1, 2],
  ])('limited to %s frames takes %i, and has no numbers for them', (limit, count) => {
    const scale = new FrameScale(1, 2, { of: 5 });
    if (limit !== undefined) scale.limitWarmUp(limit);
    expect([scale.missing, scale.warmsUp]).toEqual([count, true]);
    expect(frames.map((frame) => scale.observe(0, frame))).toEqual(frames.map((_, k) => k >= count));
    const { mean, squares } = momentsOf(frames.slice(0, count).map(([x]) => x!));
    const deviation = Math.sqrt(squares / count);
    expect(scale.apply(0, 0, 7)).toBeCloseTo((7 - mean) / deviation, 9);
    expect(scale.apply(0, 1, 7)).toBeCloseTo((7 + 2 * mean) / (2 * deviation), 9);
    expect([scale.missing, scale.warmsUp]).toEqual([0, false]);
  });

  it('that is wanted early has numbers from the second frame on, by those so far', () => {
    const scale = new FrameScale(1, 2, { of: 4, early: true });
    for (const [k, frame] of frames.entries()) {
      expect(scale.missing).toBe(k === 0 ? 1 : 0);
      expect(scale.observe(0, frame)).toBe(k > 0);
      if (k === 0) continue;
      const { mean, squares } = momentsOf(frames.slice(0, Math.min(4, k + 1)).map(([x]) => x!));
      expect(scale.apply(0, 0, 7)).toBeCloseTo((7 - mean) / Math.sqrt(squares / Math.min(4, k + 1)), 9);
    }
  });

  const level = fc.integer({ min: -1000, max: 1000 });

  it('is fitted to lessons: in deviations of all of them, no smaller than the warm-up has shown', () => {
    const lessons = fc.array(fc.tuple(level, fc.integer({ min: 0, max: 3 })), { minLength: 6, maxLength: 12 });
    fc.assert(
      fc.property(lessons, fc.tuple(level, level, level), (taught, first) => {
        fc.pre(new Set(taught.map(([, label]) => label)).size > 1 && new Set(taught.map(([x]) => x)).size > 1);
        const scale = new FrameScale(1, 1, { of: 3, early: true });
        for (const x of first) scale.observe(0, Float64Array.of(x));
        scale.fit(taught.map(([x, label]) => ({ frames: Float64Array.of(x), label })));
        const { mean, squares } = momentsOf(taught.map(([x]) => x));
        const deviation = Math.max(Math.sqrt(squares / (taught.length - 1)), Math.sqrt(momentsOf(first).squares / 3));
        // The only number is the most telling one, whatever it tells.
        expect(scale.apply(0, 0, mean)).toBeCloseTo(0, 6);
        expect(scale.apply(0, 0, mean + deviation)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('lets a number that tells no classes apart count for less, and is that of the warm-up again', () => {
    const scale = new FrameScale(1, 2, { of: 2, early: true });
    for (const frame of [Float64Array.of(0, 0), Float64Array.of(1, 1)]) scale.observe(0, frame);
    const lessons = [0, 100].flatMap((x, label) => [-50, 50].map((y) => ({ frames: Float64Array.of(x, y), label })));
    scale.fit(lessons);
    const ofLessons = Math.sqrt(10_000 / 3);
    expect(scale.apply(0, 0, 50 + ofLessons)).toBeCloseTo(1, 9);
    expect(scale.apply(0, 1, 50 * Math.sqrt(4 / 3))).toBeCloseTo(0.05, 9);
    expect([0, 1].map((k) => scale.relevanceOf(0, k))).toEqual([1, 0.05].map((each) => expect.closeTo(each, 9)));
    scale.fit(Array.from({ length: 16 }, () => lessons).flat());
    expect(scale.apply(0, 1, 50)).toBeGreaterThan(0.5);
    scale.unfit();
    expect(scale.apply(0, 0, 1)).toBeCloseTo(1, 9);
  });
});
