import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../random/generator.ts';
import { monitorKinds } from './monitors.ts';
import { Watch } from './watch.ts';

/** What one reading brings. */
interface Reading {
  readonly value?: number;
  /** Of a second channel, where there is one. */
  readonly other?: number;
  readonly error?: number;
  readonly interval?: number;
}

interface Case {
  readonly ordinary: (noise: () => number, k: number) => Reading;
  /** A fault, or one that is `times` as far. */
  readonly fault: (noise: () => number, times: number) => Reading[];
}

const many = (count: number, reading: (k: number) => Reading) => Array.from({ length: count }, (_, k) => reading(k));
/** Two numbers that go together, or against each other. */
const both = (value: number, sign: number): Reading => ({ value, other: sign * value });
const ofNoise = (noise: () => number): Reading => ({ value: noise() });
/** Numbers far from each other and the ordinary ones, up to seven at a time. */
const wild = (_: unknown, times: number) =>
  many(times === 1 ? 3 : 9, (k) => ({ value: (times > 1 ? -4 : 4) * (1 + ((7 * k) % 5)) }));

const cases: Readonly<Record<string, Case>> = {
  'next-reading': {
    ordinary: (noise) => ({ error: 0.01 * noise() }),
    fault: (noise, times) => many(5, () => ({ error: times + 0.01 * noise() })),
  },
  silence: {
    ordinary: (noise) => ({ interval: 1500 + 20 * noise() }),
    fault: (_, times) => [{ interval: 10_000 * times }],
  },
  spread: { ordinary: ofNoise, fault: (noise, times) => many(150, () => ({ value: 3 ** times * noise() })) },
  stuck: { ordinary: ofNoise, fault: (_, times) => many(60 * times, () => ({ value: 0.5 })) },
  jump: { ordinary: ofNoise, fault: (noise, times) => many(5, () => ({ value: 50 * times + noise() })) },
  drift: { ordinary: ofNoise, fault: (noise, times) => many(300, () => ({ value: 4 * times + noise() })) },
  rate: {
    ordinary: (noise) => ({ interval: 1000 + 20 * noise() }),
    fault: (noise, times) => many(60, () => ({ interval: 2 ** times * (1000 + 20 * noise()) })),
  },
  extremum: { ordinary: ofNoise, fault: (noise, times) => many(5, () => ({ value: 15 * times + noise() })) },
  surprise: { ordinary: ofNoise, fault: (noise, times) => many(3, () => ({ value: 6 * times + noise() / 10 })) },
  'pair-novelty': { ordinary: ofNoise, fault: wild },
  stay: {
    ordinary: (noise, k) => ({ value: 10 * (Math.floor(k / 20) % 2) + noise() / 10 }),
    fault: (noise, times) => many(100 * times ** 3, () => ({ value: 10 + noise() / 10 })),
  },
  average: { ordinary: ofNoise, fault: (noise, times) => many(300, () => ({ value: 4 * times + noise() })) },
  relation: {
    ordinary: (noise) => both(noise(), 1),
    fault: (_, times) => many(40, (k) => both((times ** 3 * (((13 * k) % 40) - 19.5)) / 10, k % 2 < times ? -1 : 1)),
  },
  sequence: { ordinary: (noise, k) => ({ value: (k % 5) * 2 + noise() / 100 }), fault: wild },
};

function watching(type: string, seed: number) {
  const { ordinary, fault } = cases[type]!;
  const random = new RandomGenerator(seed, 'noise');
  const noise = () => random.nextNormal();
  const channels = 'other' in ordinary(noise, 0) ? ['level', 'flow'] : ['level'];
  const open = () => new Watch({ type, parameters: {} }, { channels, outputs: 1 });
  let watch = open();
  let sequence = 0;
  const read = ({ value = 0, other, error, interval = 1000 }: Reading) => {
    const sample = Float64Array.from(other === undefined ? [value] : [value, other]);
    const errors = error === undefined ? undefined : Float64Array.of(error);
    const seen = { values: sample, sample, normalised: undefined, expected: errors && sample, error: errors };
    const halfWidths = errors && Float64Array.of(1);
    sequence += 1;
    return watch.read({ ...seen, halfWidths, sequence, time: 1000 * sequence, interval }, true)?.anomaly ?? false;
  };
  const flags = (readings: readonly Reading[]) => readings.filter(read).length;
  return {
    get watch() {
      return watch;
    },
    get sequence() {
      return sequence;
    },
    flags,
    live: (count: number) => flags(many(count, (k) => ordinary(noise, sequence + k))),
    fail: (times = 1) => flags(fault(noise, times)),
    restart() {
      const next = open();
      for (const [name, { view }] of Object.entries(watch.state)) next.state[name]!.view.set(view);
      watch = next;
    },
  };
}

describe('"that was normal"', () => {
  it('is tested of every kind', () =>
    expect(Object.keys(cases).sort()).toEqual(monitorKinds.map(({ type }) => type).sort()));

  describe.each(Object.keys(cases))('of %s', (type) => {
    it.each([100, 1000, 10_000])('means what was flagged %d ordinary readings ago, also over a restart', (later) => {
      const stream = watching(type, later);
      stream.live(4000);
      const before = stream.sequence;
      expect(stream.fail()).toBeGreaterThan(0);
      const [{ first }] = stream.watch.flaggedStretches as unknown as [{ first: number }];
      expect(first).toBeGreaterThan(before);
      stream.live(later);
      stream.restart();
      const stretch = stream.watch.flaggedStretches.find((one) => one.first === first)!;
      const changes = stream.watch.accept(stretch);
      expect([changes.length > 0, stream.watch.accepts]).toEqual([true, true]);
      const { title } = stream.watch;
      const words = new RegExp(`^the limits? of “${title}”( of .*)? (is|are) now | no longer counts as “${title}”$`);
      for (const change of changes) expect(change).toMatch(words);
      expect([type, stream.fail()]).toEqual([type, 0]);
      stream.live(1500);
      expect(stream.fail()).toBe(0);
      stream.live(1500);
      expect(stream.fail(2)).toBeGreaterThan(0);
    });
  });
});
