import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { RisenNovelty } from './risen-novelty.ts';

describe('risen novelty', () => {
  it('counts in deviations of a mean of ten: √(p(1 − p)/10) where each is new with probability p', () => {
    const risen = new RisenNovelty(0);
    const random = new RandomGenerator(1, 'novelty');
    const p = 0.3;
    for (let k = 0; k < 8000; k++) risen.take(random.nextUniform() < p ? 1 : 0, true);
    for (let k = 0; k < 9; k++) risen.take(1, false);
    expect(risen.take(1, false)).toBeCloseTo((1 - p) / Math.sqrt((p * (1 - p)) / 10), 0);
  });

  it('scores the mean of exactly the last ten', () => {
    const risen = new RisenNovelty(0);
    for (let k = 0; k < 100; k++) risen.take(0, true);
    // A mean that is always 0 has the floors: mean 0.03, variance 3e-4.
    const scoreOf = (sum: number) => (sum / 10 - 0.03) / Math.sqrt(3e-4);
    const scores = Array.from({ length: 12 }, (_, k) => risen.take(k === 0 ? 1 : 0, false));
    for (let k = 0; k < 10; k++) expect(scores[k]).toBeCloseTo(scoreOf(1), 9);
    expect(scores[10]).toBeCloseTo(scoreOf(0), 9);
  });

  it('says nothing and learns nothing in what it skips', () => {
    const risen = new RisenNovelty(50);
    for (let k = 0; k < 50; k++) expect(risen.take(1, true)).toBe(0);
    for (let k = 0; k < 200; k++) risen.take(0, true);
    expect(risen.state[0]).toBeLessThan(0.05);
  });
});
