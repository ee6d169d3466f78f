import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { Adwin } from './adwin.ts';
import { PageHinkley } from './page-hinkley.ts';

/** Errors that come with probability p. */
function* errors(seed: number, count: number, p: number) {
  const random = new RandomGenerator(seed, 'errors');
  for (let k = 0; k < count; k++) yield random.nextUniform() < p ? 1 : 0;
}

/**
 * ADWIN2 on lists of values: buckets from the oldest, at most five of a size; ε with δ = 0.002, tested every fourth
 * value.
 */
class ListAdwin {
  #buckets: number[][] = [];
  #count = 0;

  get length(): number {
    return this.#buckets.flat().length;
  }

  learn(value: number): boolean {
    this.#buckets.push([value]);
    for (let size = 1; this.#ofSize(size).length > 5; size *= 2) {
      const [a, b] = this.#ofSize(size) as [number[], number[]];
      this.#buckets.splice(this.#buckets.indexOf(a), 2, [...a, ...b]);
    }
    if (++this.#count % 4 !== 0) return false;
    const before = mean(this.#buckets.flat());
    const { length } = this.#buckets;
    while (this.#differs()) this.#buckets.shift();
    return this.#buckets.length < length && mean(this.#buckets.flat()) > before;
  }

  #ofSize(size: number): number[][] {
    return this.#buckets.filter((bucket) => bucket.length === size);
  }

  #differs(): boolean {
    const all = this.#buckets.flat();
    const variance = mean(all.map((value) => (value - mean(all)) ** 2));
    const logarithm = Math.log((2 * Math.log(all.length)) / 0.002);
    return this.#buckets.some((_, k) => {
      const [old, young] = [this.#buckets.slice(0, k).flat(), this.#buckets.slice(k).flat()];
      if (old.length < 5 || young.length < 5) return false;
      const m = 1 / (1 / old.length + 1 / young.length);
      const epsilon = Math.sqrt((2 / m) * variance * logarithm) + (2 / (3 * m)) * logarithm;
      return Math.abs(mean(old) - mean(young)) > epsilon;
    });
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

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

  it('cuts where the bound of the paper does, computed from the values themselves', () => {
    for (let seed = 0; seed < 30; seed++) {
      const [adwin, lists] = [new Adwin(), new ListAdwin()];
      const [low, high] = [0.04 * (seed % 5), 0.25 + 0.15 * (seed % 6)];
      const values = [...errors(seed, 40 + 7 * seed, low), ...errors(50 + seed, 80, high)];
      for (const [k, value] of values.entries()) {
        expect(adwin.learn(value), `seed ${seed}, value ${k}`).toBe(lists.learn(value));
        expect(adwin.length, `seed ${seed}, value ${k}`).toBe(lists.length);
      }
    }
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

describe('Page–Hinkley', () => {
  it('finds a growth when what exceeds the mean by more than 0.005 adds up to 5', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new RandomGenerator(seed, 'growth');
      const values = Array.from({ length: 3000 }, (_, k) => 0.2 + 0.00008 * k + 0.05 * random.nextNormal());
      let [sum, total, least] = [0, 0, 0];
      const expected = values.findIndex((value, k) => {
        sum += value;
        total += value - sum / (k + 1) - 0.005;
        least = Math.min(least, total);
        return total - least > 5;
      });
      const detector = new PageHinkley();
      expect(expected).toBeGreaterThan(0);
      expect(values.findIndex((value) => detector.learn(value))).toBe(expected);
    }
  });
});
