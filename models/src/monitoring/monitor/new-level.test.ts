import { describe, expect, it } from 'vitest';
import { NewLevel } from './new-level.ts';

/**
 * Places of the readings with which a level is adopted; `flagged` says which are flagged, a change of 1 is steady, and
 * errors of the predictor are as large as it says.
 */
function levels(readings: number, wave: (k: number) => number, flagged: (k: number) => boolean, error = 0) {
  const shadow = new NewLevel(1);
  return Array.from({ length: readings }, (_, k) => k).filter((k) => {
    const judged = { errors: [error], limits: Float64Array.of(1), flags: [flagged(k) ? 1 : 0] };
    return shadow.take(Float64Array.of(wave(k)), judged, true) !== undefined;
  });
}

const wave = (k: number) => 0.5 * Math.sin(k);

describe('the shadow of a predictor', () => {
  it('finds a level that stays flagged, and one of which only the first reading was', () => {
    const moved = (k: number) => wave(k) + (k >= 100 ? 10 : 0);
    expect(levels(200, moved, (k) => k >= 100)[0]).toBe(129);
    expect(levels(400, moved, (k) => k === 100)).toEqual([expect.closeTo(130, -1)]);
  });

  it('finds one where it knows better than the predictor, which is no longer flagged', () => {
    const within = (k: number) => wave(k) + (k >= 100 ? 0.5 : 0);
    expect(levels(400, within, (k) => k === 100, 0.9)).toEqual([129]);
    expect(levels(400, within, (k) => k === 100, 0.3)).toEqual([]);
  });

  it('finds none where a spike has come back, though the predictor still fails, and one where it has not', () => {
    const spike = (rest: number) => (k: number) => wave(k) + (k < 100 ? 0 : k < 110 ? 10 : rest);
    const flagged = (k: number) => k >= 100 && k <= 110;
    expect(levels(400, spike(0), flagged, 0.9)).toEqual([]);
    expect(levels(400, spike(2), flagged, 0.9)).toEqual([139]);
    // Where half of the readings stay flagged, what was usual is so no longer.
    expect(levels(400, spike(0), (k) => k >= 100)).not.toEqual([]);
  });

  it('says by how much channels went up, from the last reading before the first flag', () => {
    const shadow = new NewLevel(2);
    const found = Array.from({ length: 200 }, (_, k) => {
      const isMoved = k >= 100;
      const judged = { errors: [0, 0], limits: Float64Array.of(1, 1), flags: [isMoved ? 1 : 0, 0] };
      return shadow.take(Float64Array.of(wave(k) + (isMoved ? 10 : 0), wave(k)), judged, true);
    });
    const { rise, low } = found.find((level) => level !== undefined)!;
    expect(rise[0]).toBeCloseTo(10 + wave(100) - wave(99), 12);
    expect(low[1]).toBeNaN();
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
