import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { Calibration } from './calibration.ts';
import { Familiarity } from './familiarity.ts';
import { Replay } from './replay.ts';
import { WorseThanBase } from './worse-than-base.ts';

describe('calibration', () => {
  it.each([0.5, 1, 2])('finds that probabilities should be sharpened by %d', (true_) => {
    const random = new RandomGenerator(1, 'labels');
    const calibration = new Calibration();
    const [said, calibrated] = [new Float64Array(3), new Float64Array(3)];
    let [difference, counted] = [0, 0];
    for (let k = 0; k < 3000; k++) {
      const raw = [random.nextUniform() + 0.05, random.nextUniform() + 0.05, random.nextUniform() + 0.05];
      const total = raw.reduce((a, b) => a + b);
      for (let c = 0; c < 3; c++) said[c] = raw[c]! / total;
      const powers = Array.from(said, (p) => p ** true_);
      const drawn = random.nextUniform() * powers.reduce((a, b) => a + b);
      const label = drawn < powers[0]! ? 0 : drawn < powers[0]! + powers[1]! ? 1 : 2;
      calibration.apply(said, calibrated);
      if (k > 500) {
        difference += calibrated[0]! - (label === 0 ? 1 : 0);
        counted++;
      }
      calibration.learn(said, label);
    }
    expect(Math.abs(difference / counted)).toBeLessThan(0.03);
    expect(calibration.exponent / true_).toBeGreaterThan(0.4);
    expect(calibration.exponent / true_).toBeLessThan(2.5);
  });
});

describe('familiarity', () => {
  it('calls nothing unknown before twenty lessons, then what is far stranger than they were', () => {
    const random = new RandomGenerator(2, 'strange');
    const familiarity = new Familiarity();
    for (let k = 0; k < 19; k++) familiarity.learn(Math.exp(random.nextNormal()));
    expect(familiarity.isUnknown(1e9)).toBe(false);
    for (let k = 0; k < 200; k++) familiarity.learn(Math.exp(random.nextNormal()));
    expect(familiarity.isUnknown(Math.exp(5))).toBe(true);
    const usual = Array.from({ length: 2000 }, () => familiarity.isUnknown(Math.exp(random.nextNormal())));
    expect(usual.filter(Boolean).length / 2000).toBeLessThan(0.06);
  });
});

describe('worse than the base', () => {
  /** Labels until it is sure, with these probabilities of being right; at most `most`. */
  function until(seed: number, base: number, adapted: number, most: number): number {
    const random = new RandomGenerator(seed, 'right');
    const guard = new WorseThanBase();
    guard.begin();
    for (let k = 1; k <= most; k++)
      if (guard.learn(random.nextUniform() < base, random.nextUniform() < adapted)) return k;
    return most;
  }

  it('is sure within a hundred labels where the adapted one is much worse', () => {
    for (let seed = 0; seed < 20; seed++) expect(until(seed, 0.9, 0.4, 1000)).toBeLessThan(100);
  });

  it('is hardly ever sure while both are alike: less than once in a thousand labels', () => {
    let labels = 0;
    for (let seed = 0; seed < 50; seed++) labels += until(seed, 0.8, 0.8, 5000);
    expect(labels / 50).toBeGreaterThan(1000);
  });
});

describe('replay', () => {
  it('keeps each lesson ever with the same probability', () => {
    const kept = new Float64Array(50);
    for (let seed = 0; seed < 400; seed++) {
      const replay = new Replay(10, 1, 50, new RandomGenerator(seed, 'replay'));
      for (let k = 0; k < 50; k++) replay.add([k], k);
      for (const label of replay.state.labels!.view) kept[label]! += 1;
    }
    // 80 each, deviation √(400·0.2·0.8) = 8.
    for (const count of kept) expect(Math.abs(count - 80)).toBeLessThan(36);
  });

  it('gives a lesson back as it was, and nothing where it keeps none', () => {
    const replay = new Replay(3, 2, 3, new RandomGenerator(1, 'replay'));
    replay.repeat(() => expect.unreachable());
    replay.add([4, 7], 2);
    const repeated: unknown[] = [];
    replay.repeat((evidence, label) => repeated.push([...evidence, label]));
    expect(repeated).toEqual([[4, 7, 2]]);
    const none = new Replay(0, 2, 3, new RandomGenerator(1, 'replay'));
    none.add([1, 1], 0);
    none.repeat(() => expect.unreachable());
  });
});
