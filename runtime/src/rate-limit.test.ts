import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

it('lets no key have more than its burst and one per interval, in any span of time', () => {
  const visit = fc.record({ after: fc.integer({ min: 0, max: 30 }), key: fc.constantFrom('a', 'b', 'c') });
  const rate = fc.record({ burst: fc.integer({ min: 1, max: 5 }), interval: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(rate, fc.array(visit, { maxLength: 200 }), ({ burst, interval }, visits) => {
      let now = 0;
      const limit = new RateLimit({ burst, interval }, () => now);
      const had = new Map<string, number[]>();
      for (const { after, key } of visits) {
        now += after;
        const times = had.get(key) ?? [];
        const all = [...times, now];
        // The definition: n in any span of s milliseconds ending now, n ≤ burst + s/interval.
        const fits = all.every((from, k) => all.length - k <= burst + (now - from) / interval);
        expect(limit.take(key)).toBe(fits);
        if (fits) had.set(key, all);
      }
    }),
  );
});

it('remembers a bounded number of keys, and none that has been quiet', () => {
  let now = 0;
  const limit = new RateLimit({ burst: 1, interval: 1000 }, () => now);
  const taken = Array.from({ length: 10_000 }, (_, k) => limit.take(`key ${k}`));
  expect(taken.filter((took) => took)).toHaveLength(4096);
  expect(taken.slice(0, 4096)).not.toContain(false);
  expect(limit.take('key 0')).toBe(false);
  now = 1000;
  expect(limit.take('another')).toBe(true);
});

it('finds room behind a key that is busy', () => {
  let now = 0;
  const limit = new RateLimit({ burst: 100, interval: 1000 }, () => now);
  for (let k = 0; k < 100; k++) limit.take('busy');
  for (let k = 0; k < 4095; k++) limit.take(`quiet ${k}`);
  expect(limit.take('another')).toBe(false);
  now = 1000;
  expect(limit.take('another')).toBe(true);
  expect(limit.allows('busy')).toBe(true);
  limit.take('busy');
  expect(limit.allows('busy')).toBe(false);
});
