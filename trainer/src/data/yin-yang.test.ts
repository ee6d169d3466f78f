import { describe, expect, it } from 'vitest';
import { accuracyAfter } from './accuracy-after.test-data.ts';
import { yinYang, yinYangAt } from './yin-yang.ts';

describe('yin-yang', () => {
  it('has 5,000 points to learn, 1,000 to choose by and 1,000 to test, mirrored, of their classes in equal shares', async () => {
    const set = await yinYang.load(undefined);
    const parts = [set.training!, set.validation!, set];
    expect(parts.map(({ samples }) => samples.length)).toEqual([5000, 1000, 1000]);
    for (const { samples, labels } of parts) {
      for (const [k, sample] of samples.entries()) {
        const [x, y, ...mirrored] = Array.from(sample) as [number, number, number, number];
        expect(mirrored).toEqual([1 - x, 1 - y]);
        expect(yinYangAt(x, y)).toBe(set.classes[labels[k]!]);
      }
      for (const label of [0, 1, 2]) {
        const share = labels.filter((each) => each === label).length / labels.length;
        expect(Math.abs(share - 1 / 3)).toBeLessThan(4 * Math.sqrt(2 / 9 / labels.length));
      }
    }
  });

  it('covers areas as the figure has them: halves that a turn by 180° exchanges, and two dots', () => {
    // Above and below; in the bulges of either half into the other; in a dot; in a corner.
    const points = [0.5, 0.9, 0.5, 0.1, 0.3, 0.35, 0.7, 0.65, 0.8, 0.55, 0.1, 0.1];
    const found = Array.from({ length: 6 }, (_, k) => yinYangAt(points[2 * k]!, points[2 * k + 1]!));
    expect(found).toEqual(['yang', 'yin', 'yang', 'yin', 'dot', undefined]);
    const counts: Record<string, number> = {};
    const side = 300;
    let unlike = 0;
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        const [x, y] = [(i + 0.5) / side, (j + 0.5) / side];
        const found = yinYangAt(x, y);
        counts[`${found}`] = (counts[`${found}`] ?? 0) + 1 / side ** 2;
        const across = yinYangAt(1 - x, 1 - y);
        if (across !== { yin: 'yang', yang: 'yin', dot: 'dot', undefined }[`${found}`]) unlike++;
      }
    }
    expect(unlike).toBe(0);
    const [circle, dots] = [Math.PI / 4, 2 * Math.PI * 0.1 ** 2];
    expect(counts.dot).toBeCloseTo(dots, 3);
    expect(counts.yin).toBeCloseTo((circle - dots) / 2, 3);
    expect(counts.undefined).toBeCloseTo(1 - circle, 3);
  });

  it('is drawn by its seed', async () => {
    const [first, again, other] = await Promise.all(['3', '3', '4'].map((seed) => yinYang.load(seed)));
    expect(again).toEqual(first);
    expect(other!.samples).not.toEqual(first!.samples);
    await expect(yinYang.load('-1')).rejects.toThrow('--data yin-yang:-1: is not a seed; expected a whole number');
    await expect(yinYang.load('')).rejects.toThrow('--data yin-yang:: is not a seed');
  });

  it('is learned by a small net, which no linear one does', async () => {
    const data = await yinYang.load(undefined);
    const choices = { epochs: 4, batch: 32, learningRate: 0.01 };
    expect(
      await accuracyAfter(data, { ...choices, arch: '4-3', neuron: 'relu', loss: 'membrane', steps: 1 }),
    ).toBeLessThan(0.7);
    expect(await accuracyAfter(data, { ...choices, arch: '4-30-3' })).toBeGreaterThan(0.8);
  });
});
