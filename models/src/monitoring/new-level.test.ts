import { describe, expect, it } from 'vitest';
import { NewLevel } from './new-level.ts';

/** Places of the readings with which a level is adopted; `flagged` says which are flagged, a change of 1 is steady. */
function levels(readings: number, wave: (k: number) => number, flagged: (k: number) => boolean) {
  const shadow = new NewLevel(1);
  return Array.from({ length: readings }, (_, k) => k).filter((k) => {
    return shadow.take(Float64Array.of(wave(k)), Float64Array.of(1), [flagged(k) ? 1 : 0], true) !== undefined;
  });
}

const wave = (k: number) => 0.5 * Math.sin(k);

describe('the shadow of a predictor', () => {
  it('finds a level that stays flagged, and one of which only the first reading was', () => {
    const moved = (k: number) => wave(k) + (k >= 100 ? 10 : 0);
    expect(levels(200, moved, (k) => k >= 100)[0]).toBe(129);
    expect(levels(400, moved, (k) => k === 100)).toEqual([expect.closeTo(130, -1)]);
  });

  it('finds none in a spike, in what is never steady, or in what does not move', () => {
    expect(
      levels(
        400,
        (k) => wave(k) + (k === 100 ? 10 : 0),
        (k) => k === 100 || k === 101,
      ),
    ).toEqual([]);
    expect(
      levels(
        400,
        (k) => wave(k) + (k >= 100 ? 10 * (k % 2) : 0),
        (k) => k >= 100,
      ),
    ).toEqual([]);
    expect(
      levels(
        4000,
        (k) => (k >= 100 ? 10 : wave(k)),
        (k) => k >= 100,
      ),
    ).toEqual([]);
  });
});
