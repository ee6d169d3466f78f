import { describe, expect, it } from 'vitest';
import { FrameScale } from './frame-scale.ts';

const frames = [3, 5, 10, 4, 8].map((x) => Float64Array.of(x, -2 * x));

function scaleOf(limit?: number): FrameScale {
  const scale = new FrameScale(1, 2, { of: 5 });
  if (limit !== undefined) scale.limitWarmUp(limit);
  return scale;
}

describe('the scale of frames', () => {
  it.each([
    [undefined, 5],
    [9, 5],
    [3, 3],
    [-1, 2],
  ])('limited to %s frames takes %i', (limit, count) => {
    const scale = scaleOf(limit);
    expect(scale.missing).toBe(count);
    expect(frames.map((frame) => scale.observe(0, frame))).toEqual(frames.map((_, k) => k < count));
    const taken = frames.slice(0, count).map(([x]) => x!);
    const mean = taken.reduce((sum, x) => sum + x, 0) / count;
    const deviation = Math.sqrt(taken.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count);
    expect(scale.apply(0, 0, 7)).toBeCloseTo((7 - mean) / deviation, 9);
    expect(scale.apply(0, 1, 7)).toBeCloseTo((7 + 2 * mean) / (2 * deviation), 9);
  });
});
