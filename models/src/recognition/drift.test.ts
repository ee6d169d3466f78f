import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { Adwin } from './adwin.ts';
import { PageHinkley } from './page-hinkley.ts';

/** Errors that come with probability p. */
function* errors(seed: number, count: number, p: number) {
  const random = new RandomGenerator(seed, 'errors');
  for (let k = 0; k < count; k++) yield random.nextUniform() < p ? 1 : 0;
}

describe.each([
  ['ADWIN', () => new Adwin()],
  ['Page–Hinkley', () => new PageHinkley()],
])('%s', (_name, make) => {
  it('finds that errors have become more, within a hundred labels', () => {
    for (let seed = 0; seed < 20; seed++) {
      const detector = make();
      for (const error of errors(seed, 400, 0.05)) detector.learn(error);
      const found = [...errors(100 + seed, 100, 0.6)].findIndex((error) => detector.learn(error));
      expect(found, `seed ${seed}`).toBeGreaterThanOrEqual(0);
    }
  });

  it('goes on the same after save and restore', () => {
    const [one, other] = [make(), make()];
    for (const error of errors(1, 300, 0.1)) one.learn(error);
    other.state.set(one.state);
    for (const error of errors(2, 300, 0.5)) expect(other.learn(error)).toBe(one.learn(error));
    expect(other.state).toEqual(one.state);
  });
});

describe('ADWIN', () => {
  it('keeps mean and length of its window exactly while nothing changes', () => {
    const adwin = new Adwin();
    let cuts = 0;
    const values = [...errors(3, 1000, 0.3)];
    for (const value of values) if (adwin.learn(value)) cuts++;
    expect(cuts).toBe(0);
    const seen = values.slice(-adwin.length);
    expect(adwin.mean).toBeCloseTo(seen.reduce<number>((sum, value) => sum + value, 0) / seen.length, 12);
    expect(adwin.length).toBeGreaterThan(500);
  });

  it('raises few false alarms', () => {
    let alarms = 0;
    for (let seed = 0; seed < 20; seed++) {
      const adwin = new Adwin();
      for (const value of errors(seed, 2000, 0.2)) if (adwin.learn(value)) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(4); // of 10,000 tests
  });

  it('forgets what was before a change, in bounded memory', () => {
    const adwin = new Adwin();
    for (const value of errors(5, 3000, 0.1)) adwin.learn(value);
    for (const value of errors(6, 1000, 0.9)) adwin.learn(value);
    expect(adwin.length).toBeLessThan(1200);
    expect(adwin.mean).toBeGreaterThan(0.8);
    expect(adwin.state.length).toBeLessThan(300);
  });

  it('does not call it a drift when errors have become fewer', () => {
    const adwin = new Adwin();
    for (const value of errors(7, 500, 0.8)) adwin.learn(value);
    expect([...errors(8, 300, 0.05)].some((value) => adwin.learn(value))).toBe(false);
    expect(adwin.length).toBeLessThan(400);
  });
});
