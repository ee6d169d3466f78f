import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roundedNumbers, unitsOf, writeRounded } from './rounded-numbers.ts';

const values = fc.float32Array({
  maxLength: 200,
  noNaN: true,
  noDefaultInfinity: true,
  min: Math.fround(-1e12),
  max: Math.fround(1e12),
});

it('is off by half a unit at most, a unit being 1/32,767 of the largest of 64', () => {
  fc.assert(
    fc.property(values, (given) => {
      const rounded = roundedNumbers(given);
      const back = new Float32Array(given.length);
      writeRounded(rounded, back);
      expect(rounded.units.data).toHaveLength(unitsOf(given.length));
      for (let k = 0; k < given.length; k++) {
        const largest = Math.max(...given.subarray(k - (k % 64), k - (k % 64) + 64).map(Math.abs));
        // Below the numbers of full precision of float32 a unit is one of those.
        const unit = Math.max(largest / 32_767, 2 ** -126);
        expect(Math.abs(back[k]! - given[k]!)).toBeLessThanOrEqual(0.501 * unit);
      }
    }),
  );
});

it('keeps zeros, and what is a whole number of units', () => {
  const given = Float32Array.of(0, 32_767, -1, -32_767, 5);
  const back = new Float32Array(5);
  writeRounded(roundedNumbers(given), back);
  expect(back).toEqual(given);
});
