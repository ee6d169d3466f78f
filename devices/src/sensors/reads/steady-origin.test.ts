import { expect, it } from 'vitest';
import { SteadyOrigin } from './steady-origin.ts';

it('an origin stays through jitter, and follows a clock that was set or goes too fast', () => {
  const origin = new SteadyOrigin();
  expect(origin.at(10, 1_000_000)).toBe(990_000);
  expect([origin.at(11, 1_001_400), origin.at(12, 1_001_100)]).toEqual([990_000, 990_000]);
  expect(origin.at(13, 5_000_000)).toBe(4_987_000);
  // A sensor of 1000.05 samples in a second: in an hour the origin is never wrong by more than a second.
  const errors = Array.from(
    { length: 40_000 },
    (_, k) => origin.at(13 + k * 1.00005, 5e6 + 1000 * k) - 4_987_000 + k / 20,
  );
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1001);
});
