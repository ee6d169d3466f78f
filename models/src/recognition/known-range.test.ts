import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { KnownRange, type KnownRangeOptions } from './known-range.ts';

const ENDS = [
  { low: 0, high: 10 },
  { low: -1, high: 1 },
  { low: 100, high: 300 },
  { low: 5, high: 6 },
] as const;

function open(
  byLessons = false,
  ends: readonly ({ low: number; high: number } | undefined)[] = ENDS,
  options: Partial<KnownRangeOptions> = {},
) {
  const known = new KnownRange(ends.length, (k) => ends[k], { byLessons, ...options });
  let windows = 0;
  const see = (sample: readonly number[]) => {
    const isZero = sample.every((value) => value === 0);
    known.remember(windows, sample, isZero);
    return windows++;
  };
  const teach = (sample: readonly number[]) => known.learn(see(sample), windows - 1);
  return { known, see, teach };
}

/** A sample so many widths above the ranges; 0 at their upper ends. */
const above = (widths: number) => ENDS.map(({ low, high }) => high + widths * (high - low));
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Draws waves of one period, of any phase. */
function waves(seed: number): () => number[] {
  const random = new RandomGenerator(seed, 'waves');
  return () => {
    const [phase, size] = [2 * Math.PI * random.nextUniform(), 0.7 + 0.3 * random.nextUniform()];
    return Array.from({ length: 16 }, (_, k) => size * Math.sin(phase + (k * Math.PI) / 8));
  };
}

const shuffled = (wave: readonly number[]) => wave.map((_, k) => wave[(5 * k + 3) % 16]!);

describe('the known range of samples', () => {
  it('holds all that lies in the ranges, and nothing that lies far beyond in all numbers', () => {
    const shares = fc.array(share, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(shares, fc.double({ min: 0.1, max: 1e6, noNaN: true }), fc.boolean(), (at, far, isBelow) => {
        const { known } = open();
        const inside = ENDS.map(({ low, high }, k) => low + at[k]! * (high - low));
        expect(known.isBeyond(inside)).toBe(false);
        const outside = ENDS.map(({ low, high }) => (isBelow ? low - far * (high - low) : high + far * (high - low)));
        expect(known.isBeyond(outside)).toBe(true);
      }),
    );
  });

  it('adds up what numbers lie beyond, in widths, each at most 1: from a quarter on', () => {
    const { known } = open();
    expect([0.05, 0.07].map((widths) => known.isBeyond(above(widths)))).toEqual([false, true]);
    const wide = open(false, new Array(20).fill(ENDS[0]));
    const one = [1e9, ...new Array(19).fill(5)];
    expect(wide.known.isBeyond(one)).toBe(true); // 5 % of twenty numbers is one
    const wider = open(false, new Array(40).fill(ENDS[0]));
    expect(wider.known.isBeyond([...one, ...new Array(20).fill(5)])).toBe(false);
  });

  it('asks no number whose scale follows the stream, and none before its range is known', () => {
    expect(open(false, [undefined, undefined]).known.isBeyond([1e9, -1e9])).toBe(false);
    const unknown = { low: Number.NaN, high: Number.NaN };
    expect(open(false, [unknown, unknown]).known.isBeyond([1e9, -1e9])).toBe(false);
  });

  it('grows by what is taught, also late, and not by what was forgotten', () => {
    const { known, see, teach } = open();
    teach(above(1));
    expect([1, 0.5, 4].map((widths) => known.isBeyond(above(widths)))).toEqual([false, false, true]);
    const late = see(above(9));
    for (let k = 0; k < 20; k++) see(above(0));
    expect(known.isBeyond(above(9))).toBe(true);
    known.learn(late, late + 20);
    expect(known.isBeyond(above(9))).toBe(false);
    known.learn(see(above(30)), 1e6);
    expect(known.isBeyond(above(30))).toBe(true);
  });

  it('is what twenty lessons have shown, where ranges only say what is clipped', () => {
    const { known, teach } = open(true);
    const inner = ENDS.map(({ low, high }) => low + 0.5 * (high - low));
    const lower = ENDS.map(({ low, high }) => low + 0.4 * (high - low));
    for (let k = 0; k < 19; k++) teach(k % 2 === 0 ? inner : lower);
    expect(known.isBeyond(above(0))).toBe(false);
    teach(inner);
    expect([above(0), inner, lower].map((sample) => known.isBeyond(sample))).toEqual([true, false, false]);
  });

  /** Draws of one number of a sample; the second argument is common to all numbers of the sample. */
  const distributions: [string, (random: RandomGenerator, common: number) => number, number?][] = [
    ['normal', (random) => random.nextNormal()],
    ['normal, all numbers together', (random, common) => common + 0.3 * random.nextNormal()],
    ['uniform', (random) => random.nextUniform()],
    ['exponential, a long tail on one side', (random) => -Math.log(1 - random.nextUniform()), 0.05],
    ['of long tails on both sides', (random) => Math.log(random.nextUniform() / (1 - random.nextUniform()))],
  ];

  it.each(distributions)('holds ordinary samples after 20 lessons and more: %s', (name, draw, most = 0.01) => {
    const random = new RandomGenerator(1, name);
    const drawn = (numbers: number) => {
      const common = random.nextNormal();
      return Array.from({ length: numbers }, () => draw(random, common));
    };
    for (const [numbers, lessons] of [1, 2, 4, 9, 30, 100].flatMap((d) => [20, 50, 200].map((n) => [d, n] as const))) {
      const wide = new Array(numbers).fill({ low: -4, high: 4 });
      let [beyond, asked] = [0, 0];
      for (let run = 0; run < 40; run++) {
        const { known, teach } = open(true, wide);
        for (let k = 0; k < lessons; k++) teach(drawn(numbers));
        for (let k = 0; k < 50; k++) if (known.isBeyond(drawn(numbers))) beyond++;
        asked += 50;
      }
      expect(beyond / asked, `${numbers} numbers, ${lessons} lessons`).toBeLessThanOrEqual(most);
    }
  });

  it('knows what belongs together: parts of a wave in the place of others, all in one range', () => {
    const wave = waves(3);
    const { known, teach } = open(true, new Array(16).fill({ low: -2, high: 2 }));
    for (let k = 0; k < 50; k++) teach(wave());
    const ordinary = Array.from({ length: 500 }, wave);
    const share = (samples: number[][]) => samples.filter((sample) => known.isBeyond(sample)).length / samples.length;
    expect(share(ordinary)).toBeLessThanOrEqual(0.01);
    expect(share(ordinary.map(shuffled))).toBeGreaterThanOrEqual(0.98);
  });

  it('goes on from a state of a build that knew of no steps: these have a say after twenty lessons more', () => {
    const wave = waves(4);
    const wide = new Array(16).fill({ low: -2, high: 2 });
    const [former, now] = [open(true, wide), open(true, wide)];
    for (let k = 0; k < 20; k++) former.teach(wave());
    const saved = former.known.state;
    for (const [name, { view, lacking }] of Object.entries(now.known.state)) {
      if (name.startsWith('knownStep')) view.fill(lacking!);
      else view.set(saved[name]!.view);
    }
    const ordinary = Array.from({ length: 500 }, wave);
    const share = (samples: number[][]) =>
      samples.filter((sample) => now.known.isBeyond(sample)).length / samples.length;
    for (let k = 1; k <= 20; k++) {
      now.teach(wave());
      expect(share(ordinary), `after ${k} lessons`).toBeLessThanOrEqual(0.01);
      if (k < 20) expect(share(ordinary.map(shuffled)), `after ${k} lessons`).toBeLessThanOrEqual(0.01);
    }
    expect(share(ordinary.map(shuffled))).toBeGreaterThanOrEqual(0.98);
    expect(share([new Array(16).fill(1.9)])).toBe(1);
  });

  it('knows no reading of zeros but those that lessons or training had', () => {
    const zeros = ENDS.map(() => 0);
    const wide = ENDS.map(() => ({ low: -1, high: 1 }));
    const { known, teach } = open(true, wide);
    for (let k = 0; k < 19; k++) teach(wide.map(() => (k % 2 === 0 ? 0.5 : -0.5)));
    expect(known.isBeyond(zeros, true)).toBe(false);
    teach(wide.map(() => 0.1));
    expect([known.isBeyond(zeros, true), known.isBeyond(zeros, false)]).toEqual([true, false]);
    const before = known.shown;
    teach(zeros);
    expect(known.isBeyond(zeros, true)).toBe(false);
    known.restore(before);
    expect(known.isBeyond(zeros, true)).toBe(true);
    expect(open(false, wide).known.isBeyond(zeros, true)).toBe(false);
    const trained = open(false, wide, { neverZero: true });
    expect(trained.known.isBeyond(zeros, true)).toBe(true);
    trained.teach(zeros);
    expect(trained.known.isBeyond(zeros, true)).toBe(false);
  });

  it('goes back to what it was, to its base, and to what was saved', () => {
    const { known, teach } = open();
    const before = known.shown;
    teach(above(2));
    const saved = Object.values(known.state).map(({ view }) => view.slice());
    known.settle();
    teach(above(20));
    expect(known.isBeyond(above(20))).toBe(false);
    known.returnToBase();
    expect([2, 20].map((widths) => known.isBeyond(above(widths)))).toEqual([false, true]);
    known.restore(before);
    expect(known.isBeyond(above(2))).toBe(true);
    for (const [k, { view }] of Object.values(known.state).entries()) view.set(saved[k]!);
    expect(known.isBeyond(above(2))).toBe(false);
  });
});
