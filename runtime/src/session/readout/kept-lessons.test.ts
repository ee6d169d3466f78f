import { bytesOf } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { KeptLessons, MOST_KEPT_BYTES } from './kept-lessons.ts';

const sampleOf = (k: number, size: number) => Float64Array.from({ length: size }, (_, i) => Math.fround(k + i / 8));

/** Teaches lessons from..to, each about a window of its own. */
function teach(lessons: KeptLessons, from: number, to: number, size: number): void {
  for (let k = from; k < to; k++) {
    lessons.remember(k, sampleOf(k, size), k % 5 === 0);
    lessons.add(k, k, k % 3);
  }
}

const copy = (lessons: KeptLessons) =>
  Object.fromEntries(Object.entries(lessons.state).map(([name, { view }]) => [name, view.slice()]));

describe('kept lessons', () => {
  it('are all there, in order, while there is room', () => {
    const lessons = new KeptLessons(4, 3, 1);
    teach(lessons, 0, 100, 4);
    expect(lessons.list).toEqual(
      Array.from({ length: 100 }, (_, k) => ({ sample: sampleOf(k, 4), isZero: k % 5 === 0, label: k % 3, order: k })),
    );
  });

  it.each([1, 35, 128, 784, 5000, 20_000, 1_000_000])('take 256 kB at most, with samples of %d numbers', (size) => {
    const lessons = new KeptLessons(size, 256, 1);
    expect(bytesOf(lessons.state)).toBeLessThanOrEqual(MOST_KEPT_BYTES);
    teach(lessons, 0, 2, size);
    expect(lessons.count).toBe(size > 8192 ? 0 : 2);
  });

  it('are any of those that ever came with the same probability', () => {
    const [size, ever, runs] = [1000, 200, 400];
    const counts = new Float64Array(ever);
    for (let seed = 0; seed < runs; seed++) {
      const lessons = new KeptLessons(size, 3, seed);
      teach(lessons, 0, ever, size);
      for (const { sample } of lessons.list) counts[sample[0]!]! += 1;
    }
    const expected = new KeptLessons(size, 3, 1).state.lessonOrder!.view.length / ever;
    expect(expected).toBeLessThan(0.5);
    // Chi-square of 200 binomial counts, whose mean is 200 and deviation 20.
    const square = counts.reduce((sum, n) => sum + (n - runs * expected) ** 2 / (runs * expected * (1 - expected)), 0);
    expect(Math.abs(square - ever)).toBeLessThan(4 * Math.sqrt(2 * ever));
  });

  it.each([10, 150])('are taken back bit for bit, after %d of them', (count) => {
    const lessons = new KeptLessons(1000, 3, 7);
    teach(lessons, 0, count, 1000);
    for (let k = count; k < count + 20; k++) {
      lessons.remember(k, sampleOf(k, 1000), false);
      const before = copy(lessons);
      lessons.add(k, k, 1);
      expect(copy(lessons)).not.toEqual(before);
      lessons.takeBack();
      expect(copy(lessons)).toEqual(before);
      lessons.takeBack();
      lessons.add(k, k, 2);
    }
  });

  it('forget what came since the base was set when the net goes back to it', () => {
    const lessons = new KeptLessons(4, 3, 1);
    teach(lessons, 0, 10, 4);
    const { list } = lessons;
    lessons.settle();
    teach(lessons, 10, 30, 4);
    lessons.returnToBase();
    expect(lessons.list).toEqual(list);
    lessons.settle();
    lessons.returnToBase();
    expect(lessons.list).toEqual(list);
  });

  it('are not about windows that are forgotten, nor of numbers that float32 does not hold', () => {
    const lessons = new KeptLessons(2, 3, 1);
    lessons.add(0, 0, 1);
    for (let k = 0; k < 65; k++) lessons.remember(k, sampleOf(k, 2), false);
    lessons.add(0, 64, 1);
    lessons.remember(65, [1e300, 0], false);
    lessons.add(65, 65, 1);
    expect(lessons.count).toBe(0);
    lessons.add(2, 65, 1);
    expect(lessons.list).toEqual([{ sample: sampleOf(2, 2), isZero: false, label: 1, order: 0 }]);
  });

  it('go on in another net, whose classes have other indices', () => {
    const [former, next] = [new KeptLessons(4, 3, 1), new KeptLessons(4, 5, 9)];
    teach(former, 0, 9, 4);
    next.takeOver(former, (label) => [4, -1, 0][label]!);
    expect(next.list.map(({ sample, label }) => [sample[0], label])).toEqual([
      [0, 4],
      [2, 0],
      [3, 4],
      [5, 0],
      [6, 4],
      [8, 0],
    ]);
    teach(next, 20, 21, 4);
    expect(next.list.at(-1)!.sample[0]).toBe(20);
  });
});
