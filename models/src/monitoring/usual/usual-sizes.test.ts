import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { UsualSizes } from './usual-sizes.ts';

const TIMES = 6;

/** Sizes of a tenth to one, and what it made of them. */
function usualOf(remembers: boolean, normalFor = 1000) {
  const random = new RandomGenerator(1, 'sizes');
  const usual = new UsualSizes(1, { quantile: 0.99, least: 0.001, normalFor, remembers });
  const take = (size: number) => {
    const score = usual.score(0, size, TIMES);
    usual.remember(0, size, TIMES, score <= TIMES);
    if (!usual.isOnlyRemembered(0, size, TIMES)) usual.learn(0, size);
    return score;
  };
  const small = (count: number, scale: number) => {
    for (let k = 0; k < count; k++) take(scale * (0.1 + 0.9 * random.nextUniform()));
  };
  return { usual, take, small };
}

describe('usual sizes', () => {
  it('have no score before the first', () => {
    const { usual } = usualOf(true);
    expect(usual.score(0, 5, TIMES)).toBe(0);
  });

  it('keep a large one that was ordinary ordinary, while the others become smaller', () => {
    const judged = [true, false].map((remembers) => {
      const { take, small } = usualOf(remembers, 3000);
      small(500, 1);
      expect(take(5)).toBeLessThan(TIMES);
      small(2900, 0.2);
      // Of sizes up to 0.2 the quantile is above 0.15, so 5 is more than 25 times as much as is usual of these.
      return take(5.5);
    });
    expect(judged[0]).toBeLessThan(TIMES);
    expect(judged[1]).toBeGreaterThan(TIMES);
  });

  it('forget it when it has not come again for as long as what is called normal holds', () => {
    const { take, small } = usualOf(true);
    small(500, 1);
    take(5);
    small(1001, 0.2);
    expect(take(5)).toBeGreaterThan(TIMES);
  });

  it('say that they remember it, and forget it when they are told to', () => {
    const { usual, take, small } = usualOf(true, 5000);
    small(500, 1);
    take(5);
    small(2000, 0.2);
    expect(usual.remembers).toBe(true);
    expect(usual.isOnlyRemembered(0, 5, TIMES)).toBe(true);
    usual.forgetRemembered();
    expect(usual.remembers).toBe(false);
    expect(take(5)).toBeGreaterThan(TIMES);
  });

  it('remember nothing before it is known how large they are', () => {
    const { usual, take } = usualOf(true);
    take(0.1);
    take(0.5);
    for (let k = 0; k < 50; k++) take(0.01);
    expect(usual.remembers).toBe(false);
  });

  it('do not let it grow from time to time, nor take what was flagged for it', () => {
    const { take, small } = usualOf(true);
    small(500, 1);
    let size = 5;
    // A quarter more once, and no further.
    for (let k = 0; k < 10; k++, size *= 1.2) {
      take(size);
      small(200, 0.2);
    }
    expect(take(5 * 1.25 * 1.2)).toBeGreaterThan(TIMES);
    expect(usualOf(true).usual.remembers).toBe(false);
    const other = usualOf(true);
    other.small(500, 1);
    other.take(50);
    expect(other.take(50)).toBeGreaterThan(TIMES);
  });
});
