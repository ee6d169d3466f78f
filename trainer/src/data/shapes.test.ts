import { describe, expect, it } from 'vitest';
import { shapes } from './shapes.ts';

describe('shapes', () => {
  it('has 2,000 images to learn, 200 to choose by and 400 to test, each with its mask, the same for a seed', async () => {
    const set = await shapes.load(undefined);
    const parts = [set.training!, set.validation!, set];
    expect(parts.map(({ samples }) => samples.length)).toEqual([2000, 200, 400]);
    for (const { samples, targets } of parts) {
      expect(
        samples.every((sample) => sample.length === 256 && Array.from(sample).every((x) => x >= 0 && x <= 1)),
      ).toBe(true);
      expect(targets!.every((mask) => Array.from(mask).every((y) => y === 0 || y === 1))).toBe(true);
    }
    expect((await shapes.load('1')).samples).toEqual(set.samples);
    expect((await shapes.load('2')).samples[0]).not.toEqual(set.samples[0]);
  });

  it('is lighter within the masks, which hold neither nothing nor all, by the contrast that shapes have', async () => {
    const { samples, targets } = await shapes.load(undefined);
    let [inside, outside, share] = [0, 0, 0];
    for (const [k, sample] of samples.entries()) {
      const mask = Array.from(targets![k]!);
      const size = mask.reduce((sum, y) => sum + y, 0);
      expect(size).toBeGreaterThan(4);
      expect(size).toBeLessThan(200);
      share += size / mask.length / samples.length;
      inside += mask.reduce((sum, y, i) => sum + y * sample[i]!, 0) / size / samples.length;
      outside += mask.reduce((sum, y, i) => sum + (1 - y) * sample[i]!, 0) / (256 - size) / samples.length;
    }
    // Lightness is drawn from 0.25 … 0.55; white clips some of it, lines make the ground lighter.
    expect(inside - outside).toBeGreaterThan(0.25);
    expect(inside - outside).toBeLessThan(0.45);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.4);
  });
});
