import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { standardOf } from '../samples/standard.ts';
import { lessonsOf, prequential } from './prequential.ts';
import { runningView } from './views.ts';

describe('test then train', () => {
  it('answers a sample before its label comes, and learns in order', () => {
    const seen: string[] = [];
    const course = prequential(
      {
        answer(index) {
          seen.push(`answer ${index}`);
          return { winner: index % 2, confidence: 0.5, strangeness: index };
        },
        learn: (index, label) => void seen.push(`learn ${index}: ${label}`),
      },
      Int16Array.of(-1, 3, -1, 0),
    );
    expect(seen).toEqual(['answer 0', 'answer 1', 'learn 1: 3', 'answer 2', 'answer 3', 'learn 3: 0']);
    expect([...course.answers]).toEqual([0, 1, 0, 1]);
    expect([...course.strangeness]).toEqual([0, 1, 2, 3]);
  });
});

describe('labels', () => {
  const truth = Int16Array.from({ length: 20_000 }, (_, n) => n % 4);
  const lessons = lessonsOf(truth, new RandomGenerator(1, 'labels'), {
    share: 0.1,
    wrong: 0.3,
    classes: 4,
    untaught: 2,
  });

  it('come of the share that was asked for, never of the class that is not taught', () => {
    const came = lessons.filter((label) => label >= 0).length;
    // 15,000 of them may come: five deviations either way.
    expect(Math.abs(came - 1500)).toBeLessThan(5 * Math.sqrt(1500 * 0.9));
    expect(lessons.some((label, n) => label >= 0 && truth[n] === 2)).toBe(false);
    expect(lessons).not.toContain(2);
  });

  it('are wrong in the share that was asked for, of any other class alike', () => {
    const given = [...lessons.entries()].filter(([, label]) => label >= 0);
    const wrong = given.filter(([n, label]) => label !== truth[n]);
    expect(Math.abs(wrong.length - 0.3 * given.length)).toBeLessThan(5 * Math.sqrt(0.21 * given.length));
    const taught = [0, 1, 3];
    const next = (label: number, step: number) => taught[(taught.indexOf(label) + step) % taught.length];
    const others = [1, 2].map((step) => wrong.filter(([n, label]) => label === next(truth[n]!, step)).length);
    for (const count of others)
      expect(Math.abs(count - wrong.length / 2)).toBeLessThan(5 * Math.sqrt(wrong.length / 4));
  });
});

describe('running view', () => {
  it('is causal, and comes to mean 0 and deviation 1 after a move', () => {
    const random = new RandomGenerator(3, 'samples');
    const base = Array.from({ length: 200 }, () => [random.nextNormal()]);
    const moved = Array.from({ length: 3000 }, () => [5 + 2 * random.nextNormal()]);
    const standard = standardOf(base, 1e-3);
    const view = runningView(moved, standard);
    expect(runningView(moved.slice(0, 50), standard)).toEqual(view.slice(0, 50));
    const late = view.slice(2000).map(([x]) => x!);
    const mean = late.reduce((a, b) => a + b) / late.length;
    const deviation = Math.sqrt(late.reduce((sum, x) => sum + (x - mean) ** 2, 0) / late.length);
    expect(Math.abs(mean)).toBeLessThan(0.15);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.15);
  });
});
