import { describe, expect, it } from 'vitest';
import { viewsOf } from '../kept-numbers.ts';
import { RandomGenerator } from '../random/generator.ts';
import { Watch } from './watch.ts';

/** The monitors that look at readings beside the prediction, each on streams whose faults are known. */

function watching(type: string, channels = ['level']) {
  const watch = new Watch({ type, parameters: {} }, { channels, outputs: channels.length });
  const read = (values: readonly number[], interval = 1000, learning = true) => {
    const sample = Float64Array.from(values);
    const nothing = { normalised: undefined, expected: undefined, error: undefined };
    return watch.read({ time: 0, interval, values: sample, sample, ...nothing }, learning);
  };
  const flags = (count: number, wave: (k: number) => number) =>
    Array.from({ length: count }, (_, k) => read([wave(k)])).filter((verdict) => verdict!.anomaly);
  return { watch, read, flags };
}

const noise = (seed: number) => {
  const random = new RandomGenerator(seed, 'noise');
  return () => random.nextNormal();
};

describe('spread', () => {
  it.each([3, 1 / 3])('flags %f times the noise within a hundred readings', (factor) => {
    const { flags } = watching('spread');
    const next = noise(1);
    expect(flags(5000, next)).toEqual([]);
    expect(flags(150, () => factor * next()).length).toBeGreaterThan(50);
  });

  it('flags a wave that became three times as fast, by its longer differences, and says so', () => {
    const { flags } = watching('spread');
    const next = noise(2);
    let phase = 0;
    const wave = (speed: number) => {
      phase += speed;
      return 10 * Math.sin(phase) + 0.5 * next();
    };
    expect(flags(5000, () => wave(0.02))).toEqual([]);
    const found = flags(300, () => wave(0.06));
    expect(found.length).toBeGreaterThan(50);
    expect(found.at(-1)!.reason).toMatch(/^level varies \d.* times as much over \d+ readings as usual$/);
  });

  it('takes no step for spread, and finds more of it there all the same', () => {
    const { flags } = watching('spread');
    const next = noise(4);
    flags(3000, next);
    expect(flags(1000, () => 30 + next())).toEqual([]);
    expect(flags(150, () => 30 + 3 * next()).length).toBeGreaterThan(50);
  });

  it('is not blind after twenty outliers', () => {
    const { flags } = watching('spread');
    const next = noise(3);
    flags(3000, next);
    flags(20, () => 1000);
    flags(200, next);
    expect(flags(100, () => 3 * next()).length).toBeGreaterThan(20);
  });
});

describe.each([
  'spread',
  'stuck',
  'jump',
  'drift',
  'extremum',
  'pair-novelty',
  'surprise',
  'sequence',
  'stay',
  'average',
])('%s', (type) => {
  it.each([1, 5, 3000])('keeps numbers that are finite, whatever came among the first %d readings', (first) => {
    const finite = (wild: number) => {
      const { watch, flags } = watching(type);
      const next = noise(1);
      for (let k = 0; k < 4; k++) {
        flags(1, () => (k % 2 === 0 ? wild : -wild));
        flags(first, next);
      }
      flags(1000, next);
      return Object.entries(viewsOf(watch.state)).map(([name, view]) => [name, Array.from(view, Number.isFinite)]);
    };
    expect(finite(Number.MAX_VALUE)).toEqual(finite(1));
  });
});

describe('stuck', () => {
  it('flags the same number for longer than usual, for ever, and knows the usual runs afterwards', () => {
    const { watch, flags } = watching('stuck');
    const steps = (k: number) => Math.floor(k / 3);
    expect(flags(600, steps)).toEqual([]);
    const [first] = flags(60, () => 7);
    expect(first!.reason).toBe('level has been 7 for 19 readings, usually for 3 at most');
    expect(flags(50_000, () => 7).length).toBe(50_000);
    expect(watch.freezes).toBe(true);
    expect(flags(600, steps)).toEqual([]);
    expect(flags(60, () => 7).length).toBeGreaterThan(30);
  });

  it('says nothing of a channel that never changed, nor of one that rarely does', () => {
    expect(watching('stuck').flags(5000, () => 1)).toEqual([]);
    expect(watching('stuck').flags(20_000, (k) => Math.floor(k / 1000))).toEqual([]);
  });
});

describe('drift', () => {
  it.each([1, -1])('flags a slope of a two-hundredth of the noise within a thousand readings (%i)', (sign) => {
    const { flags } = watching('drift');
    const next = noise(4);
    expect(flags(20_000, next)).toEqual([]);
    const [first] = flags(1000, (k) => sign * 0.005 * k + next());
    expect(first!.reason).toMatch(new RegExp(`^level drifts ${sign > 0 ? 'up' : 'down'}, usually it is about -?0`));
  });

  it('takes the highs and lows of a day for usual, and a new level that was adopted', () => {
    const { watch, flags } = watching('drift');
    const next = noise(5);
    const day = (k: number) => 5 * Math.sin((2 * Math.PI * k) / 1440) + 0.1 * next();
    expect(flags(20 * 1440, day)).toEqual([]);
    watch.moved({ low: Float64Array.of(20), high: Float64Array.of(30), rise: Float64Array.of(25) });
    expect(flags(1440, (k) => 25 + day(k))).toEqual([]);
  });

  it('does not flag a random walk for long, and finds where that begins to go one way', () => {
    let flagged = 0;
    for (let seed = 1; seed <= 5; seed++) {
      const { flags } = watching('drift');
      const next = noise(seed);
      let value = 20;
      const walk = () => (value += 0.1 * next());
      flagged += flags(30_000, walk).length;
      const [first] = flags(1000, () => (value += 0.05 + 0.1 * next()));
      expect(first?.reason).toMatch(/^level drifts up/);
    }
    expect(flagged / 150_000).toBeLessThan(0.01);
  });

  it.each([12, 30, 60, 200, 600])('calls no swing of a period of %i readings a drift, and names its ends', (period) => {
    for (const usual of period <= 60 ? [0, 1] : [0]) {
      const { flags } = watching('drift');
      const next = noise(4);
      const day = (k: number) => 22.75 + usual * Math.sin((2 * Math.PI * k) / 1440) + 0.1 * next();
      expect(flags(8 * 1440, day)).toEqual([]);
      const wave = (k: number) => day(k) + 4 * Math.sin((2 * Math.PI * k) / period);
      const first = flags(2.25 * period, wave);
      const later = flags(2 * period, (k) => wave(k + 2.25 * period));
      expect(later.length).toBeGreaterThan(0);
      if (period <= 30) expect([...first, ...later].filter((said) => said!.reason!.includes('drifts'))).toEqual([]);
      for (const said of later) {
        const [low, high] = /^level swings between (\S+) and (\S+), usually it is about/.exec(said!.reason!)!.slice(1);
        expect(Math.abs(Number(low) - 18.75)).toBeLessThan(0.6 + usual);
        expect(Math.abs(Number(high) - 26.75)).toBeLessThan(0.6 + usual);
      }
    }
  });

  it('becomes quiet when the level comes back', () => {
    const { flags } = watching('drift');
    const next = noise(6);
    flags(5000, next);
    expect(flags(900, () => 4 + next()).length).toBeGreaterThan(800);
    flags(1000, next);
    expect(flags(2000, next).length).toBe(0);
  });

  it('takes a level for usual that was flagged for a thousand readings', () => {
    const { flags } = watching('drift');
    const next = noise(6);
    flags(5000, next);
    expect(flags(1200, () => 4 + next()).length).toBeGreaterThan(900);
    expect(flags(3000, () => 4 + next())).toEqual([]);
    expect(flags(1500, (k) => 4 + 0.005 * k + next()).length).toBeGreaterThan(100);
  });
});

describe('jump', () => {
  it('flags a change of many usual ones, also of a channel that rarely changes', () => {
    const { flags } = watching('jump');
    const next = noise(8);
    expect(flags(5000, next)).toEqual([]);
    expect(flags(1, () => 50)[0]!.reason).toMatch(/^level changes by \d{2}[\d.]*, usually by [34][\d.]* at most$/);
    const rare = watching('jump');
    expect(rare.flags(5000, (k) => Math.floor(k / 100))).toEqual([]);
    expect(rare.flags(100, () => 70)).toHaveLength(1);
  });

  it('is not blind after twenty outliers', () => {
    const { flags } = watching('jump');
    const next = noise(9);
    flags(3000, next);
    expect(flags(20, (k) => 1000 * (k % 2)).length).toBeGreaterThan(15);
    flags(100, next);
    expect(flags(1, () => 100)).toHaveLength(1);
  });
});

describe('rate', () => {
  it.each([2, 0.5])('flags intervals that are %f times as long, whatever the readings are', (factor) => {
    const { read } = watching('rate');
    const random = new RandomGenerator(7, 'clock');
    const interval = () => 1000 * (0.9 + 0.2 * random.nextUniform());
    for (let k = 0; k < 2000; k++) expect(read([0], interval())!.anomaly).toBe(false);
    const verdicts = Array.from({ length: 60 }, () => read([0], factor * interval())!);
    expect(verdicts.findIndex(({ anomaly }) => anomaly)).toBeLessThan(25);
    const found = verdicts.filter(({ anomaly }) => anomaly);
    expect(found.length).toBeGreaterThan(20);
    expect(found.at(-1)!.reason).toMatch(/^a reading every \d[\d.]* s, usually every \d[\d.]* s$/);
  });

  it('does not take one outage for another rate', () => {
    const { read } = watching('rate');
    for (let k = 0; k < 500; k++) read([0], 1000);
    read([0], 3_600_000);
    const after = Array.from({ length: 100 }, () => read([0], 1000)!.anomaly);
    expect(after.slice(40)).not.toContain(true);
  });
});
