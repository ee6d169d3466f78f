import fc from 'fast-check';
import { expect, it } from 'vitest';
import { realTransform } from './fourier.ts';

it('gives the lines of the sum that defines the transform', () => {
  const signal = fc.constantFrom(4, 8, 32).chain((size) => {
    const sample = fc.double({ min: -1, max: 1, noNaN: true });
    return fc.array(sample, { minLength: size, maxLength: size });
  });
  fc.assert(
    fc.property(signal, (samples) => {
      const size = samples.length;
      const lines = new Float64Array(2 * size);
      realTransform(size).realTransform(lines, Float64Array.from(samples));
      for (let k = 0; k <= size / 2; k++) {
        const angle = (n: number) => (-2 * Math.PI * k * n) / size;
        const sum = (part: (angle: number) => number) => samples.reduce((s, x, n) => s + x * part(angle(n)), 0);
        expect(lines[2 * k]).toBeCloseTo(sum(Math.cos), 10);
        expect(lines[2 * k + 1]).toBeCloseTo(sum(Math.sin), 10);
      }
    }),
  );
});
