import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashedTiles, TILINGS } from './hashed-tiles.ts';

/** Tiles for numbers that came between 0 and 130: a bucket is 1 wide. */
function warmedUp(seed = 1, warmUp = 30) {
  const tiles = new HashedTiles(65_536, warmUp, seed);
  for (let k = 0; k < warmUp; k++) tiles.encode(k % 2 === 0 ? 0 : 128);
  const columnsOf = (x: number) => {
    tiles.encode(x);
    return [...tiles.columns];
  };
  const shared = (x: number, y: number) => {
    const [a, b] = [columnsOf(x), columnsOf(y)];
    return a.filter((column, tiling) => column === b[tiling]).length;
  };
  return { tiles, columnsOf, shared };
}

describe('hashed tiles', () => {
  it('share tiles by closeness: eight at the same number, one fewer for each 21/8 buckets, none from 21 on', () => {
    const { shared } = warmedUp();
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 0, max: 60 }), (x, distance) => {
        const expected = Math.max(0, TILINGS * (1 - distance / 21));
        const found = shared(x + 0.5, x + distance + 0.5);
        // Distinct tiles share a column by chance once in 65,536 times.
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(1.01);
      }),
    );
  });

  it('has columns for numbers beyond all that came, without end', () => {
    const { shared, columnsOf } = warmedUp();
    expect(shared(1000.5, 1100.5)).toBe(0);
    expect(shared(-5000.5, -5001.5)).toBeGreaterThanOrEqual(7);
    expect(columnsOf(1e300)).toEqual(columnsOf(1e301));
    expect(columnsOf(-1e300)).not.toEqual(columnsOf(1e300));
  });

  it('keeps the width of a bucket after the warm-up, at a power of two', () => {
    const { tiles, shared } = warmedUp();
    expect(tiles.state.tiles.view[1]).toBe(1);
    for (let k = 0; k < 1000; k++) tiles.encode(1e6 * (k % 3));
    expect(tiles.state.tiles.view[1]).toBe(1);
    expect(shared(3.5, 33.5)).toBe(0);
  });

  it('is not made blind by an absurd number in the warm-up', () => {
    const tiles = new HashedTiles(65_536, 100, 1);
    for (let k = 0; k < 100; k++) tiles.encode(k === 70 ? 1e12 : (k % 2) * 128);
    expect(tiles.state.tiles.view[1]).toBeLessThanOrEqual(16);
  });

  it('gives a channel that never moved buckets by its magnitude', () => {
    const tiles = new HashedTiles(65_536, 5, 1);
    for (let k = 0; k < 5; k++) tiles.encode(1000);
    expect(tiles.state.tiles.view[1]).toBe(1);
    const zero = new HashedTiles(65_536, 5, 1);
    for (let k = 0; k < 5; k++) zero.encode(0);
    expect(zero.state.tiles.view[1]).toBe(2 ** -19);
  });

  it('has other columns with another seed', () => {
    expect(warmedUp(1).columnsOf(5)).not.toEqual(warmedUp(2).columnsOf(5));
  });
});
