import fc from 'fast-check';
import { expect, it } from 'vitest';
import { followMoments } from './running-moments.ts';

it('has mean and variance of all values, as two passes over them find', () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(numbers, (values) => {
      const moments = Float64Array.of(7, 0, 0, 7);
      for (const [k, value] of values.entries()) followMoments(moments, 1, value - moments[1]!, k + 1);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(Math.abs(moments[1]! - mean)).toBeLessThan(1e-8);
      expect(Math.abs(moments[2]! - variance)).toBeLessThan(1e-3);
      expect([moments[0], moments[3]]).toEqual([7, 7]);
    }),
  );
});
